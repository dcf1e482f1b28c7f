import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError } from "decode-client";
import { ACCOUNTS, clientOf, refusal } from "./stack.mjs";

test("unknown field and unknown value in an answer break nothing", async (test) => {
  const change = (body) => ({ ...body, hint: 1, data: { ...body.data, role: "wizard", mood: { color: "blue" } } });
  const { decode } = await clientOf(test, { change });

  const profile = await decode.profiles.getOwn();

  assert.deepEqual([profile.username, profile.role, profile.mood.color], [ACCOUNTS[0].username, "wizard", "blue"]);
});

test("unknown error code is an error like any other", async (test) => {
  const { decode } = await clientOf(test, { decide: () => ({ ...refusal(418, "TeapotOnly"), headers: {} }) });

  await assert.rejects(decode.profiles.getOwn(), (error) => {
    assert.ok(error instanceof DecodeError);
    assert.deepEqual([error.error, error.status, error.message], ["TeapotOnly", 418, "No."]);
    return true;
  });
});

test("refusal has the fields of the API", async (test) => {
  const { decode } = await clientOf(test);

  await assert.rejects(decode.profiles.setBio({ bio: "x".repeat(10_000) }), (error) => {
    assert.deepEqual([error.error, error.status, error.details[0].field], ["InvalidInput", 422, "body.bio"]);
    assert.match(error.requestId, /^[0-9a-f]{32}$/);
    return true;
  });
});

test("path, query and body are one object", async (test) => {
  const { decode, proxy } = await clientOf(test);

  await decode.relationships.listMutualFollowers({ user_id_to: ACCOUNTS[1].user_id, limit: 2 });
  await decode.profiles.setBio({ bio: "Ü & more" });

  assert.equal((await decode.profiles.getOwn()).bio, "Ü & more");
  const paths = proxy.calls("/relationship/").map(({ path }) => path);
  assert.deepEqual(new Set(paths), new Set([`/relationship/mutual/followers/${ACCOUNTS[1].user_id}?limit=2`]));
});

test("answer outside the envelope comes whole", async (test) => {
  const { decode } = await clientOf(test);

  const keys = await decode.system.getJwks();
  const picture = await decode.snapshots.drawGrowth({ user_id: ACCOUNTS[0].user_id });

  assert.ok(Array.isArray(keys.keys));
  assert.match(await picture.text(), /<svg/);
});

test("session of a sign-in is kept until signing out", async (test) => {
  const { decode, store } = await clientOf(test);
  store.write(null);

  const opened = await decode.auth.login(ACCOUNTS[0].credentials);
  assert.equal((await decode.session()).access_token, opened.access_token);
  assert.equal((await decode.profiles.getOwn()).username, ACCOUNTS[0].username);

  await decode.signOut();
  assert.equal(await decode.session(), null);
  await assert.rejects(decode.sessions.refresh({ session_token: opened.session_token }), { error: "SessionRevoked" });
});
