// Identifies this browser to the API, the same each time. It is not a secret.

export function fingerprint() {
  let known = localStorage.getItem("fingerprint");
  if (!known) {
    known = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    localStorage.setItem("fingerprint", known);
  }
  return known;
}
