// Calls of tools in the log: what the assistant does, and what it asks before it does that.

const $ = (id) => document.getElementById(id);
const DECISIONS = { once: "Approved, this time.", chat: "Approved, in this chat.", decline: "Declined." };
const rows = new Map();

export function forgetCalls() {
  rows.clear();
}

/** Shows what happens to a call. `answer(callId, decision)` is called with what the user says to it. */
export function showCall(event, answer) {
  const row = rows.get(event.callId) ?? addRow(event, answer);
  const [note, approval] = [row.querySelector(".note"), row.querySelector("[role=group]")];
  if (event.event === "approval_requested") {
    row.querySelector(".said").textContent = event.summary;
    approval.setAttribute("aria-label", event.summary);
    approval.hidden = false;
  } else if (approval) {
    removeWithFocus(approval);
  }
  note.textContent = noteOf(event) ?? note.textContent;
}

function noteOf(event) {
  switch (event.event) {
    case "approval_requested":
      return `Shall this be done? You can answer until ${new Date(event.expiresAt).toLocaleTimeString()}.`;
    case "approval_closed":
      return DECISIONS[event.decision] ?? "Not answered.";
    case "tool_started":
      return "Being done…";
    case "tool_result":
      if (event.result.success) return "Done.";
      // What was declined says so already.
      return event.result.error.code === "DECLINED" ? null : event.result.error.message;
  }
}

function addRow({ callId, toolName, arguments: used }, answer) {
  const row = $("call").content.cloneNode(true).querySelector("li");
  let isAnswering = false;
  row.querySelector(".said").textContent = toolName;
  row.querySelector(".arguments").textContent = JSON.stringify(used);
  row.querySelector("[role=group]").addEventListener("click", async ({ target }) => {
    if (isAnswering || !target.dataset.decision) return;
    isAnswering = true;
    await answer(callId, target.dataset.decision);
    isAnswering = false;
  });
  rows.set(callId, row);
  $("list").append(row);
  return row;
}

/** Removes what is of no use any more, perhaps by what was done on another device. A focus in it goes to the message. */
export function removeWithFocus(element) {
  if (element.contains(document.activeElement)) $("text").focus();
  element.remove();
}
