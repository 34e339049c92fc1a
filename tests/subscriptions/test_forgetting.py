"""What only serves the running is forgotten in time; what others rely on stays."""

from typing import Any

import msgspec

from registry.settings import Settings
from registry.subscriptions.forgetting import forget
from tests.client import ApiClient
from tests.impact.test_todo import state_of
from tests.reuse.drafts import reuse
from tests.subscriptions.receiver import Receiver, deliver
from tests.versions.published import publish

DAYS = 30


async def kept(api: ApiClient) -> dict[str, int]:
    """By action (or kind), how many deliveries are left."""
    rows = await api.owner.fetch(
        "select coalesce(e.action, d.kind) as about, count(*) from deliveries d"
        " left join events e on e.id = d.event_id group by 1"
    )
    return {row[0]: row[1] for row in rows}


async def age(api: ApiClient, days: int) -> None:
    await api.owner.execute(
        "update deliveries set created_at = created_at - make_interval(days => $1)", days
    )


async def forgotten(api: ApiClient) -> None:
    await forget(state_of(api).database, DAYS)


async def subscribed(api: ApiClient, settings: Settings, **draft: Any) -> str:
    """A city that uses a version that ends, and hears of it; where that is shown."""
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    koeln = await api.as_body("05315", "subscribe", "reuse")
    await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))
    made = await koeln.post("/v1/subscriptions", json={"service": "bauantrag", **draft})
    assert made.status_code == 201, made.text
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.1.0", slug="bauantrag")
    end = "/v1/services/bauantrag/versions/1.0.0/deprecation"
    assert (await builder.put(end, json={"sunset": "2099-02-01"})).is_success
    await deliver(api, settings)
    return made.json()["subscription"]["links"]["self"]


async def test_what_was_sent_is_forgotten_but_for_ends_of_versions(
    api: ApiClient, settings: Settings, receiver: Receiver
) -> None:
    path = await subscribed(api, settings, url=receiver.url)
    before = await kept(api)
    assert before == {"handshake": 1, "versions.publish": 1, "impact.deprecate": 1}
    await age(api, DAYS - 1)
    await forgotten(api)
    assert await kept(api) == before
    await age(api, 2)
    await api.owner.execute("update deliveries set state = 'late' where kind = 'handshake'")
    await forgotten(api)
    assert await kept(api) == {"handshake": 1, "impact.deprecate": 1}, "what waits, and the end"
    assert await api.owner.fetchval("select count(*) from delivery_attempts") == 2
    builder = await api.as_body("13", "publish:*")
    left = await builder.get("/v1/services/bauantrag/versions/1.0.0/retirement")
    assert '"delivered"' in left.text
    koeln = await api.as_body("05315", "subscribe")
    assert (await koeln.delete(path)).is_success
    await forgotten(api)
    assert await kept(api) == {"impact.deprecate": 1}, "who ended it waits for nothing"


async def test_much_is_forgotten_in_parts(
    api: ApiClient, settings: Settings, monkeypatch: Any
) -> None:
    monkeypatch.setattr("registry.subscriptions.store.forgetting._PART", 2)
    await subscribed(api, settings)
    await api.owner.execute(
        "insert into deliveries (subscription_id, organisation_id, kind, state)"
        " select id, organisation_id, 'test', 'dead' from subscriptions, generate_series(1, 5)"
    )
    await age(api, DAYS + 1)
    await forgotten(api)
    assert await kept(api) == {"impact.deprecate": 1}


async def test_addresses_nothing_is_sent_to_are_forgotten(api: ApiClient) -> None:
    state = state_of(api)
    state.settings = msgspec.structs.replace(state.settings, smtp_url="smtp+plain://127.0.0.1:9")
    koeln = await api.as_body("05315", "subscribe")
    paths: list[str] = []
    for name in ("eine", "andere"):
        draft = {"mail": f"{name}@koeln.example", "service": "ewa"}
        made = await koeln.post("/v1/subscriptions", json=draft)
        paths.append(made.json()["subscription"]["links"]["self"])
    await api.owner.execute(
        "insert into mail_reminders (organisation_id, mail, service, version, sunset, days)"
        " select organisation_id, mail, 'ewa', '1.0.0', legal_today() - n, 7"
        " from mail_states, unnest(array[$1::int, $2::int]) n",
        DAYS,
        DAYS + 1,
    )
    await koeln.delete(paths[0])
    await forgotten(api)
    rows = await api.owner.fetch(
        "select m.mail, legal_today() - r.sunset from mail_states m join mail_reminders r"
        " using (organisation_id, mail)"
    )
    assert [tuple(row) for row in rows] == [("andere@koeln.example", DAYS)]
    assert await api.owner.fetchval("select count(*) from mail_reminders") == 1


async def test_when_a_token_was_used_is_forgotten_after_its_end(api: ApiClient) -> None:
    state = state_of(api)
    for days in (89, 91):
        await (await api.as_body("05315", "read")).get("/v1/me")
        await state.watch.flush(state.database)
        await api.owner.execute(
            "update tokens set expires_at = now() - make_interval(days => $1)"
            " where expires_at > now()",
            days,
        )
    await state.watch.clean(state.database)
    left = await api.owner.fetch(
        "select extract(day from now() - t.expires_at)::int from token_uses u"
        " join tokens t on t.id = u.token_id"
    )
    assert [row[0] for row in left] == [89]
