// HTTP: one function for all calls. An error response is thrown as a Refusal with its name and message.

export class Refusal extends Error {
  constructor(problem) {
    super(problem.message);
    this.name = problem.error;
  }
}

export function apiAt(address) {
  let session = null;

  async function send(method, path, body) {
    const headers = session ? { Authorization: `Bearer ${session.access_token}` } : {};
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(address + path, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!answer.success) throw new Refusal(answer);
    return { status: response.status, data: answer.data };
  }

  // An access token is valid for fifteen minutes. The session token is exchanged for a new one.
  async function call(method, path, body) {
    try {
      return await send(method, path, body);
    } catch (error) {
      if (error.name !== "NotAuthenticated" || !session) throw error;
      await refresh();
      return send(method, path, body);
    }
  }

  async function refresh() {
    session = (await send("POST", "/auth/session/refresh", { session_token: session.session_token })).data;
  }

  return {
    call,
    useSession(opened) { session = opened; },
    async signOut() {
      if (session) await send("POST", "/auth/session/logout", { session_token: session.session_token });
      session = null;
    },
    socketAddress(after) { return `${address.replace(/^http/, "ws")}/notifications?after=${after}`; },
  };
}

// Identifies this browser to the API, the same each time. It is not a secret.
export function fingerprint() {
  let known = localStorage.getItem("fingerprint");
  if (!known) {
    known = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("fingerprint", known);
  }
  return known;
}
