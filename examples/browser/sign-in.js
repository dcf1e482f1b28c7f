// The form that signs in: by name and password, and where this device is new by the code from the mail.

import { DecodeClient } from "./sdk/decode.js";

const $ = (id) => document.getElementById(id);

/** Has `enter` called with a client that is signed in, each time that the form was sent. It may refuse, by an error. */
export function onSignIn(enter) {
  let flowId = null;

  async function signIn() {
    const decode = new DecodeClient({ baseUrl: $("api").value });
    const answer = await (flowId ? proveDevice(decode, flowId) : proveName(decode));
    flowId = "flow_id" in answer ? askForCode(answer) : null;
    if (!flowId) await enter(decode);
  }

  $("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    $("refusal").textContent = "";
    try {
      await signIn();
    } catch (error) {
      $("refusal").textContent = error.message;
      $(flowId ? "code" : "password").focus();
    }
  });
}

function proveName(decode) {
  const device = { fingerprint_hashed: fingerprint(), browser: "Example page", device: navigator.platform || "Browser" };
  return decode.auth.login({ email_or_username: $("name").value, password: $("password").value, ...device });
}

function proveDevice(decode, flowId) {
  return decode.auth.proveDevice({ flow_id: flowId, code: $("code").value.trim() });
}

function askForCode(flow) {
  if (flow.next !== "device_code") throw new Error("This account asks for a second factor, which this page does not know.");
  for (const element of [$("code"), $("code-help"), document.querySelector("label[for=code]")]) element.hidden = false;
  $("code").required = true;
  $("code").focus();
  return flow.flow_id;
}

/** Identifies this browser to the API, the same each time. It is not a secret. */
function fingerprint() {
  let known = localStorage.getItem("fingerprint");
  if (!known) {
    known = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("fingerprint", known);
  }
  return known;
}
