/** The board: who must act next, what, and by when, as it happens. */

import { say } from "./actions.js";
import { due, refreshDues, short } from "./dates.js";
import { byId, el, keep } from "./dom.js";
import { Dossier } from "./dossier.js";
import { showFigures } from "./figures.js";
import { showImpartiality } from "./impartiality.js";
import { Items } from "./items.js";
import { follow } from "./live.js";

const FILTERS = ["territory", "actor", "operator", "partner"];
const form = byId("filters");
const asked = new URLSearchParams(location.search);
const links = [...document.querySelectorAll("[data-list]")];
const dossier = new Dossier();
let items = new Items("open");
let leave = () => {};

/** What the page looks at: a list, and the filters that are set. */
function parameters() {
  const chosen = new URLSearchParams({ list: asked.get("list") ?? "open" });
  for (const name of FILTERS) if (asked.get(name)) chosen.set(name, asked.get(name));
  return chosen;
}

function filters() {
  const chosen = parameters();
  chosen.delete("list");
  return chosen;
}

function open() {
  leave();
  const chosen = parameters();
  items = new Items(chosen.get("list"));
  byId("items").replaceChildren();
  byId("items").setAttribute("aria-busy", "true");
  const link = links.find((link) => link.dataset.list === items.list) ?? links[0];
  for (const other of links) other.toggleAttribute("aria-current", other === link);
  byId("list-title").textContent = link.firstElementChild.textContent;
  byId("list-hint").textContent = link.dataset.hint;
  form.querySelector("[type=reset]").hidden = ![...filters()].length;
  leave = follow(chosen, {
    snapshot(data) {
      items.known.clear();
      items.take(data);
      count(data.counts);
      show();
    },
    changes(data) {
      items.apply(data);
      show();
      dossier.changed(data.cases);
    },
    counts(data) {
      count(data.counts);
      const became = items.list === "overdue" && !items.after && data.counts.overdue !== items.known.size;
      if (became || items.list === "delivery-failing") again();
    },
    stale: () => setTimeout(again, Math.random() * 1000),
  });
}

/** Reads the list's first page anew: items become overdue by themselves, and much may have changed at once. */
async function again() {
  const list = items;
  const answer = await fetch(`/v1/board/worklists/${list.list}?${filters()}`);
  if (!answer.ok || list !== items) return;
  const page = await answer.json();
  list.known.clear();
  list.take(page);
  count(page.counts);
  show();
  if (dossier.case) dossier.read();
}

function show() {
  byId("items").removeAttribute("aria-busy");
  keep(byId("items"), items.inOrder(), (item) => item.id, items.list === "delivery-failing" ? failing : row);
  byId("empty").hidden = items.known.size > 0;
  byId("more").hidden = !items.after;
  refreshDues();
}

function count(counts) {
  const known = links.map((link) => link.dataset.list);
  const open = known.filter((name) => !["open", "overdue", "delivery-failing"].includes(name))
    .reduce((sum, name) => sum + (counts[name] ?? 0), 0);
  for (const link of links) {
    const number = link.dataset.list === "open" ? open : counts[link.dataset.list] ?? 0;
    link.querySelector("[data-count]").textContent = number >= 1000 ? "1 000 +" : String(number);
    link.classList.toggle("none", number === 0);
  }
}

function row(item) {
  const who = item.owner === "partner" ? item.partner_name ?? item.partner : item.owner === "operator" ? item.operator_name ?? item.operator : null;
  return el("li", { "data-id": item.id },
    el("button", { type: "button", class: "item", "data-focus": "open", onclick: (event) => dossier.open(item.case, event.currentTarget) },
      el("span", { class: "when" }, item.due ? el("time", { datetime: item.due, "data-due": "" }, due(item.due).text) : "sans délai",
        item.due && el("small", {}, short(item.due))),
      el("span", { class: "what" }, el("strong", {}, capital(who ?? item.words.owner)), " doit ", el("strong", {}, item.words.next ?? "agir"),
        el("small", {}, item.words.need)),
      el("span", { class: "where" }, item.words.commune,
        el("small", {}, item.partner_name && item.owner !== "partner" ? `avec ${item.partner_name}` : item.words.actor)),
      el("span", { class: "state" }, el("span", { class: "chip", "data-state": item.escalated && item.list ? "escalated" : item.state }, chip(item)))));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const chip = (item) => (item.list === "escalated" ? "délai épuisé" : item.kind === "step" && item.state === "unmet" ? item.words.reason ?? item.words.state : item.words.state);

function failing(item) {
  return el("li", { "data-id": item.id }, el("div", { class: "item" },
    el("span", { class: "when" }, item.failing_since ? `depuis le ${short(item.failing_since)}` : "", el("small", {}, `${item.failures} essais manqués`)),
    el("span", { class: "what" }, el("strong", {}, item.org_name ?? item.org), " ne reçoit plus les envois",
      el("small", {}, item.role === "partner" ? "système du partenaire" : "système de l’opérateur")),
    el("span", { class: "where" }, `${item.owed} envoi${item.owed > 1 ? "s" : ""} en attente`)));
}

// Lists and filters

for (const link of links) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    asked.set("list", link.dataset.list);
    go();
  });
}
form.addEventListener("change", () => {
  for (const name of FILTERS) set(name, form.elements[name]?.value);
  go();
});
form.addEventListener("reset", () => setTimeout(() => form.dispatchEvent(new Event("change"))));
form.addEventListener("submit", (event) => event.preventDefault());

function set(name, value) {
  if (value) asked.set(name, value);
  else asked.delete(name);
}

function go() {
  history.replaceState(null, "", `?${parameters()}`);
  open();
  figures();
}

byId("more").addEventListener("click", async () => {
  const chosen = filters();
  chosen.set("after", items.after);
  const answer = await fetch(`/v1/board/worklists/${items.list}?${chosen}`);
  if (!answer.ok) return say("La suite n’a pas pu être lue. Réessayez dans un instant.");
  items.take(await answer.json());
  show();
});

async function organisations() {
  const answer = await fetch("/v1/board/organisations");
  if (!answer.ok) return;
  const found = await answer.json();
  for (const [name, choices] of [["operator", found.operators], ["partner", found.partners]]) {
    const select = form.elements[name];
    select?.append(...choices.map((choice) => el("option", { value: choice.id }, choice.name)));
    if (select && asked.get(name)) select.value = asked.get(name);
  }
}

async function figures() {
  const answer = await fetch(`/v1/board/figures?${filters()}`);
  if (answer.ok) showFigures(await answer.json(), filters());
  showImpartiality(filters());
}

for (const name of FILTERS) if (form.elements[name] && asked.get(name)) form.elements[name].value = asked.get(name);
if (matchMedia("(max-width: 30rem)").matches) byId("filter-box").open = [...filters()].length > 0;
open();
figures();
organisations();
setInterval(refreshDues, 5000);
setInterval(figures, 60000);
if (asked.get("case")) dossier.open(asked.get("case"), null);
