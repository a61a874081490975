/** The partner's page: what is asked, by when, and what can be done about it now. */

import { buttons, say } from "./actions.js";
import { dayAndTime, due, refreshDues, short } from "./dates.js";
import { byId, el, keep } from "./dom.js";
import { contact } from "./intake.js";
import { Items } from "./items.js";
import { follow } from "./live.js";
import * as places from "./places.js";

const NEXT = {
  answer: "Votre réponse est attendue",
  schedule: "Fixez un rendez-vous",
  report: "Dites si la personne est venue",
  outcome: "Dites le résultat",
  arbitrate: "Le délai est passé : le coordinateur est prévenu, vous pouvez encore agir",
  cancellation: "L’annulation est demandée : confirmez-la",
};
const SHOWS_CONTACT = new Set(["accepted", "active", "scheduled", "no-show", "appointment-cancelled", "attended"]);
const tabShown = new URLSearchParams(location.search).get("list") ?? "open";
const list = tabShown === "ended" ? "ended" : "open";
const items = new Items(list);
/** Hand-offs just acted on: their buttons rest until the news comes back. @type {Map<string, string>} */
const sent = new Map();

for (const tab of document.querySelectorAll("[data-list]")) {
  if (/** @type {any} */ (tab).dataset.list === tabShown) tab.setAttribute("aria-current", "page");
}

byId("places").hidden = tabShown !== "places";
byId("hand-offs").hidden = tabShown === "places";
places.start();

follow(new URLSearchParams({ list }), {
  snapshot(data) {
    items.known.clear();
    items.take(data);
    count(data.counts);
    show();
  },
  changes(data) {
    const before = new Set(items.known.keys());
    items.apply(data);
    const fresh = list === "open" ? [...items.known.keys()].filter((id) => !before.has(id)).length : 0;
    if (fresh) say(fresh > 1 ? `${fresh} nouveaux relais` : "Un nouveau relais");
    show();
    places.read();
  },
  counts: (data) => count(data.counts),
  stale: () => setTimeout(again, Math.random() * 1000),
});
setInterval(refreshDues, 5000);

byId("more").addEventListener("click", async () => {
  const answer = await fetch(`/v1/board/worklists/open?${new URLSearchParams({ after: items.after })}`);
  if (!answer.ok) return say("La suite n’a pas pu être lue. Réessayez dans un instant.");
  items.take(await answer.json());
  show();
});

/** Reads the list's first page anew. */
async function again() {
  const answer = await fetch(`/v1/board/worklists/${list}`);
  if (!answer.ok) return;
  const page = await answer.json();
  items.known.clear();
  items.take(page);
  count(page.counts);
  show();
}

function count(counts) {
  const open = ["escalated", "awaiting-answer", "to-schedule", "no-show", "to-report", "to-cancel"]
    .reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  document.querySelector('[data-list="open"] [data-count]').textContent = open ? String(open) : "";
}

function show() {
  keep(byId("referrals"), items.inOrder(), (item) => item.id, card);
  const named = [...items.known.values()].find((item) => item.partner_name);
  if (named) byId("org").textContent = named.partner_name;
  byId("more").hidden = !items.after;
  byId("empty").hidden = items.known.size > 0;
  byId("empty").textContent = list === "open" ? "Aucun relais en cours. Les nouveaux s’affichent ici d’eux-mêmes." : "Aucun relais terminé pour l’instant.";
  refreshDues();
}

function card(item) {
  if (sent.get(item.id) !== item.changed) sent.delete(item.id);
  const asked = NEXT[item.next];
  const title = `t-${item.id}`;
  return el("article", { class: "card referral", "aria-labelledby": title, "data-handoff": item.id, "data-state": item.state },
    el("div", { class: "card-top" },
      el("span", { class: "chip", "data-state": item.state }, item.words.state),
      el("h2", { id: title }, item.words.need),
      item.offer_name && item.offer_name !== item.partner_name && el("p", { class: "muted" }, `Votre offre : ${item.offer_name}`)),
    asked && el("p", { class: "asked" }, el("strong", {}, asked), item.due && el("span", {}, " avant le ",
      el("span", { class: "nowrap" }, short(item.due)), " · ", el("time", { datetime: item.due, "data-due": "" }, due(item.due).text))),
    details(item),
    el("div", { class: "contact", "data-contact": "", "aria-live": "polite" }),
    item.ended ? ending(item) : doing(item));
}

function details(item) {
  const lines = [
    ["Demandé par", item.operator_name ?? item.operator],
    ["La personne habite", item.words.commune],
    ...item.words.request.map((line) => [line.label, line.text]),
    [item.state === "no-show" ? "Rendez-vous manqué" : "Rendez-vous", item.appointment && appointment(item.appointment)],
    ["Motif de l’annulation", item.state === "cancellation-requested" && item.words.reason],
  ];
  return el("dl", {}, ...lines.filter(([, text]) => text).map(([label, text]) => el("div", {}, el("dt", {}, label), el("dd", {}, text))));
}

function appointment(given) {
  return [dayAndTime(given.at), given.mode === "remote" ? "à distance" : "sur place", given.place].filter(Boolean).join(", ");
}

function ending(item) {
  const why = item.words.outcome ?? item.words.reason;
  return el("p", { class: "muted" }, `Terminé le ${short(item.ended)}${why ? ` : ${why}` : ""}`);
}

function doing(item) {
  if (sent.has(item.id)) return el("p", { class: "sent" }, "Envoyé. La mise à jour arrive…");
  const row = buttons(item, item.words.need, () => rest(item));
  if (SHOWS_CONTACT.has(item.state)) {
    row.querySelector("details")?.before(el("button", { type: "button", class: "quiet", "data-focus": "contact", onclick: (event) => reveal(event.currentTarget, item) },
      "Voir les coordonnées"));
  }
  return row;
}

/** Until the stream tells the new state, or five seconds later, nothing more is asked of this hand-off. */
function rest(item) {
  sent.set(item.id, item.changed);
  redraw(item);
  setTimeout(() => {
    if (sent.get(item.id) !== item.changed) return;
    sent.delete(item.id);
    const now = items.known.get(item.id);
    if (now) redraw(now);
  }, 5000);
}

function redraw(item) {
  const shown = document.querySelector(`[data-handoff="${item.id}"]`);
  if (shown) /** @type {any} */ (shown).entryText = "";
  show();
}

async function reveal(button, item) {
  const place = button.closest("article").querySelector("[data-contact]");
  button.disabled = true;
  try {
    const found = await contact(item.id);
    const given = found.contact ?? found;
    const lines = [["Nom", given.name], ["Téléphone", given.phone, "tel:"], ["Courriel", given.email, "mailto:"],
      ["Préfère", given.preferred && (given.preferred === "phone" ? "le téléphone" : "le courriel")]];
    place.replaceChildren(el("dl", {}, ...lines.filter(([, text]) => text).map(([label, text, link]) =>
      el("div", {}, el("dt", {}, label), el("dd", {}, link ? el("a", { href: link + text }, text) : text)))),
      el("p", { class: "muted" }, "Cette consultation est enregistrée : la personne peut savoir qui a lu ses coordonnées."));
    button.remove();
  } catch (refusal) {
    place.replaceChildren(el("p", { class: "error" }, /** @type {Error} */ (refusal).message));
    button.disabled = false;
  }
}
