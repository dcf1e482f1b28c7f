// HTTP: one function for all calls. A refusal is thrown with its name and its sentence.

export class Refusal extends Error {
  constructor(problem) {
    super(problem.message);
    this.name = problem.error;
  }
}

export function apiAt(address) {
  let token = "";

  async function call(method, path, body) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(address + path, { method, headers, body: body && JSON.stringify(body) });
    const answer = await response.json();
    if (!answer.success) throw new Refusal(answer);
    return { status: response.status, data: answer.data };
  }

  return {
    call,
    useToken(accessToken) { token = accessToken; },
    socketAddress(after) { return `${address.replace(/^http/, "ws")}/notifications?after=${after}`; },
  };
}

// Names this browser to the API, the same each time. It is no secret.
export function fingerprint() {
  let known = localStorage.getItem("fingerprint");
  if (!known) {
    known = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("fingerprint", known);
  }
  return known;
}
