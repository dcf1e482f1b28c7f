// The journey by openapi-fetch, with the types that openapi-typescript generates.

import createClient from "openapi-fetch";
import type { components, paths } from "./generated/schema.js";
import { API, equal, eventually, given, mailedCode, newPerson, type Person } from "./people.js";

type Session = components["schemas"]["SessionView"];

const client = createClient<paths>({ baseUrl: API });
const bearer = (session: Session) => ({ Authorization: `Bearer ${session.access_token}` });

async function register(person: Person): Promise<components["schemas"]["Registered"]> {
  const begun = await client.POST("/auth/register/email-verification", { body: person.application });
  const { flow_id } = given(begun.data, begun.error).data;
  const looked = await client.GET("/flows/{flow_id}", { params: { path: { flow_id } } });
  equal(given(looked.data, looked.error).data.next, "email_code");
  const code = await mailedCode(person.application.email);
  const body = { flow_id, code, ...person.device };
  const proved = await client.POST("/auth/register/verify-email", { body });
  const answer = given(proved.data, proved.error).data;
  if (!("user" in answer)) throw new Error("the registration still runs");
  return answer;
}

async function signIn(person: Person): Promise<Session> {
  const { username, password } = person.application;
  const body = { email_or_username: username, password, ...person.device };
  const wrong = await client.POST("/auth/login", { body: { ...body, password: "another pass phrase" } });
  equal(wrong.error?.error, "InvalidCredentials");
  const signedIn = await client.POST("/auth/login", { body });
  const answer = given(signedIn.data, signedIn.error).data;
  if (!("session_token" in answer)) throw new Error("the device is not trusted");
  return answer;
}

async function refresh(session: Session): Promise<Session> {
  const body = { session_token: given(session.session_token, session) };
  const refreshed = await client.POST("/auth/session/refresh", { body });
  return given(refreshed.data, refreshed.error).data;
}

const [alice, bob] = [newPerson(), newPerson()];
await register(alice);
const registeredBob = await register(bob);
const session = await refresh(await signIn(alice));
const followed = await client.POST("/relationship/follow/following", {
  body: { user_id_to: registeredBob.user._id },
  headers: bearer(session),
});
equal(given(followed.data, followed.error).data.following, true);
await eventually(async () => {
  const headers = bearer(given(registeredBob.session, registeredBob));
  const listed = await client.GET("/notifications", { params: { query: { unread: true } }, headers });
  return given(listed.data, listed.error).data.notifications.find((each) => each.type === "new_follow");
});
