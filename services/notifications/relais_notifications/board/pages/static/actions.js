/**
 * Buttons of a hand-off and the dialog that asks for what an action needs. Which buttons there are is told by the
 * server (the transition table); their words stand in the page.
 */

import { byId, el } from "./dom.js";
import { act, Refusal } from "./intake.js";

/** @typedef {{button: string, done: string, asks: string[]}} Words */
/** @type {Map<string, Words>} */
const words = new Map([...byId("actions").children].map((item) => [
  item.dataset.action,
  { button: item.dataset.button, done: item.dataset.done, asks: item.dataset.asks.split(" ").filter(Boolean) },
]));
/** What is usual in a state, the first of them above all; everything else is one click further. */
const USUAL = {
  proposed: ["accept", "decline"],
  accepted: ["schedule", "decline"],
  active: ["complete", "schedule"],
  scheduled: ["report-attended", "report-no-show", "reschedule"],
  "no-show": ["reschedule", "decline"],
  "appointment-cancelled": ["schedule"],
  attended: ["complete", "schedule"],
  "cancellation-requested": ["confirm-cancellation", "complete"],
};
const GRAVE = new Set(["decline", "cancel-appointment", "request-cancellation"]);
const dialog = byId("ask");
const form = dialog.querySelector("form");

/** Says something to everybody, screen readers included. @param {string} text */
export function say(text) {
  const said = byId("said");
  said.textContent = text;
  said.classList.add("shown");
  clearTimeout(said.timer);
  said.timer = setTimeout(() => said.classList.remove("shown"), 6000);
}

/**
 * The buttons of a hand-off: the usual next action first, the others beside it.
 * @param {any} item
 * @param {string} about what the dialog says it is about
 * @param {() => void} done called once intake has taken it
 */
export function buttons(item, about, done) {
  const known = [...words.keys()].filter((action) => item.actions?.includes(action));
  const usual = (USUAL[item.state] ?? []).filter((action) => known.includes(action));
  const others = known.filter((action) => !usual.includes(action));
  const make = (action) => {
    const kind = action === usual[0] ? "primary" : GRAVE.has(action) ? "grave" : "";
    const label = words.get(action).button + (words.get(action).asks.length ? "…" : "");
    return el("button", { type: "button", class: kind, "data-action": action, "data-focus": action,
      onclick: (event) => start(event.currentTarget, item, action, about, done) }, label);
  };
  if (!usual.length) return el("div", { class: "buttons" }, ...others.map(make));
  return el("div", { class: "buttons" }, ...usual.map(make), others.length > 0 && el("details", { class: "others" },
    el("summary", {}, "Autre chose"), el("div", { class: "buttons" }, ...others.map(make))));
}

async function start(button, item, action, about, done) {
  const asked = words.get(action);
  if (asked.asks.length) return ask(item, action, asked, about, done);
  button.disabled = true;
  try {
    await act(item.id, action, {}, freshId());
    say(asked.done);
    done();
  } catch (refusal) {
    button.disabled = false;
    say(/** @type {Error} */ (refusal).message);
  }
}

function ask(item, action, asked, about, done) {
  form.reset();
  const parts = new Set(asked.asks.map((part) => part.replace("optional-", "")));
  for (const part of form.querySelectorAll("[data-part]")) {
    part.hidden = !parts.has(part.dataset.part);
    if ("disabled" in part) part.disabled = part.hidden;
  }
  form.elements.note.disabled = !parts.has("note");
  noteIs(asked.asks.includes("note"));
  byId("ask-title").textContent = asked.button;
  byId("ask-about").textContent = about;
  fault("");
  if (parts.has("appointment")) propose(item);
  const id = freshId();
  form.onsubmit = (event) => send(event, item, action, asked, id, done);
  dialog.showModal();
}

/** A message id; `crypto.randomUUID` exists on secure pages only. */
const freshId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const noteIs = (required) => {
  form.elements.note.required = required;
  form.querySelector("[data-note-label]").textContent = required ? "Votre note" : "Une précision ? (facultatif)";
};

form.elements.reason.addEventListener("change", () => noteIs(form.elements.reason.value === "other"));
form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());

/** The appointment as it stands, or a week from now at nine. */
function propose(item) {
  const at = item.appointment ? new Date(item.appointment.at) : new Date(Date.now() + 7 * 86400000);
  if (!item.appointment) at.setHours(9, 0, 0, 0);
  form.elements.date.value = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  form.elements.time.value = `${two(at.getHours())}:${two(at.getMinutes())}`;
  form.elements.place.value = item.appointment?.place ?? "";
  form.elements.mode.value = item.appointment?.mode ?? "in-person";
}

const two = (number) => String(number).padStart(2, "0");

function filled() {
  const values = Object.fromEntries(new FormData(form));
  const given = {};
  if (values.date) {
    const offset = -new Date(`${values.date}T${values.time}`).getTimezoneOffset();
    const sign = offset < 0 ? "-" : "+";
    const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
    given.appointment = { at: `${values.date}T${values.time}:00${zone}`, mode: values.mode };
    if (values.place) given.appointment.place = values.place;
  }
  if (values.reason) Object.assign(given, { reason: values.reason, caused_by: values.caused_by });
  if (values.outcome) given.outcome = values.outcome;
  if (values.replace) given.replace = true;
  if (values.note) given.note = values.note;
  return given;
}

async function send(event, item, action, asked, id, done) {
  event.preventDefault();
  const missing = [...form.elements].find((field) => !field.checkValidity());
  if (missing) {
    missing.focus();
    return fault(`À compléter : ${missing.closest("label, fieldset").textContent.trim().split("\n")[0]}`);
  }
  const button = form.querySelector("[data-send]");
  button.disabled = true;
  try {
    await act(item.id, action, filled(), id);
    dialog.close();
    say(asked.done);
    done();
  } catch (refusal) {
    fault(/** @type {Refusal} */ (refusal).message);
  } finally {
    button.disabled = false;
  }
}

function fault(text) {
  const error = byId("ask-error");
  error.textContent = text;
  error.hidden = !text;
}
