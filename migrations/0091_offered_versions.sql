-- Which versions can be the newest one: releases that are not revoked.
create function version_is_offered(state text, prerelease boolean) returns boolean
language sql immutable as $$ select state <> 'revoked' and not prerelease $$;
