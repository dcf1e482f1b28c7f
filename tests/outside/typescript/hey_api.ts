// The journey by the client that @hey-api/openapi-ts generates.

import { client } from "./generated/hey/client.gen.js";
import {
  authLogin,
  flowsGet,
  notificationsList,
  registrationBegin,
  registrationVerifyEmail,
  relationshipsFollow,
  sessionsRefresh,
} from "./generated/hey/sdk.gen.js";
import type { Registered, SessionView } from "./generated/hey/types.gen.js";
import { API, equal, eventually, given, mailedCode, newPerson, type Person } from "./people.js";

client.setConfig({ baseUrl: API });
const throwOnError = true;

// An operation that takes API keys as well asks for each of both: a text would be sent as both.
const bearer = (token: string) => (auth: { type: string }) => (auth.type === "http" ? token : undefined);

async function register(person: Person): Promise<Registered> {
  const { flow_id } = (await registrationBegin({ body: person.application, throwOnError })).data.data;
  const flow = (await flowsGet({ path: { flow_id }, throwOnError })).data.data;
  equal(flow.next, "email_code");
  const body = { flow_id, code: await mailedCode(person.application.email), ...person.device };
  const answer = (await registrationVerifyEmail({ body, throwOnError })).data.data;
  if (!("user" in answer)) throw new Error("the registration still runs");
  return answer;
}

async function signIn(person: Person): Promise<SessionView> {
  const { username, password } = person.application;
  const body = { email_or_username: username, password, ...person.device };
  const wrong = await authLogin({ body: { ...body, password: "another pass phrase" } });
  equal(wrong.error?.error, "InvalidCredentials");
  const answer = (await authLogin({ body, throwOnError })).data.data;
  if (!("session_token" in answer)) throw new Error("the device is not trusted");
  return answer;
}

const [alice, bob] = [newPerson(), newPerson()];
await register(alice);
const registeredBob = await register(bob);
const signedIn = await signIn(alice);
const body = { session_token: given(signedIn.session_token, signedIn) };
const session = (await sessionsRefresh({ body, throwOnError })).data.data;
const followed = await relationshipsFollow({
  body: { user_id_to: registeredBob.user._id },
  auth: bearer(given(session.access_token, session)),
  throwOnError,
});
equal(followed.data.data.following, true);
const auth = bearer(given(registeredBob.session?.access_token, registeredBob));
await eventually(async () => {
  const listed = await notificationsList({ query: { unread: true }, auth, throwOnError });
  return listed.data.data.notifications.find((each) => each.type === "new_follow");
});
