// A provider made of the npm package oidc-provider, certified by the OpenID Foundation, as it comes: only who signs in
// is decided without asking, by the account named here, and with the `acr` that was asked for.
//   node oidc_provider.mjs MODULE PORT '{"client_id": …, "client_secret": …, "redirect_uri": …}'
const [module, port, told] = process.argv.slice(2);
const { Provider } = await import(module);
const registered = JSON.parse(told);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: registered.client_id,
      client_secret: registered.client_secret,
      redirect_uris: [registered.redirect_uri],
    },
  ],
  acrValues: ["2fa"],
  claims: { openid: ["sub", "roles"], acr: null, auth_time: null },
  conformIdTokenClaims: false,
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, roles: ["sachbearbeitung", "leitung"], name: "Erika Mustermann" }),
  }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const { params, prompt } = await provider.interactionDetails(ctx.req, ctx.res);
  const accountId = "erika";
  const result =
    prompt.name === "login"
      ? { login: { accountId, acr: params.acr_values?.split(" ")[0] } }
      : { consent: { grantId: await granted(params, accountId) } };
  await provider.interactionFinished(ctx.req, ctx.res, result);
  ctx.respond = false;
});

async function granted(params, accountId) {
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return grant.save();
}

provider.listen(Number(port), "127.0.0.1");
