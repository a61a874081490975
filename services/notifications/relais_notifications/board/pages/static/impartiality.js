/** Fairness, as routing counts it: what each received, on the band that honest draws would keep it in; alarms on top. */

import { byId, el, svg } from "./dom.js";

const routing = document.body.dataset.routing ?? "";
const SHOWN = 10;

/** Asks routing and shows what it says; where there is no routing to ask, there is no panel. @param {URLSearchParams} filters */
export async function showImpartiality(filters) {
  const panel = byId("impartiality");
  if (!routing) return;
  const territory = filters.get("territory");
  const answer = await fetch(`${routing}/v1/impartiality?${new URLSearchParams(territory ? { territory } : {})}`, { credentials: "include" }).catch(() => null);
  panel.hidden = !answer?.ok;
  if (!answer?.ok) return;
  const said = await answer.json();
  const alarms = said.rows.filter((row) => row.verdict !== "within");
  const others = said.rows.filter((row) => row.verdict === "within" && !row.territory).slice(0, Math.max(0, SHOWN - alarms.length));
  byId("impartiality-said").textContent = summary(said);
  byId("impartiality-alarms").replaceChildren(...alarms.map((row) => el("li", {}, ...words(row), alarm(row, said))));
  byId("impartiality-rows").replaceChildren(...[...alarms, ...others].map(line));
}

function summary(said) {
  if (!said.rows.length) return `Aucun choix à comparer ${period(said)}.`;
  if (!said.alarms) return `Tout ce qui a été reçu ${period(said)} s’explique par le hasard du tirage.`;
  return said.alarms === 1 ? `Un écart ${period(said)} ne s’explique pas par le hasard.` : `${said.alarms} écarts ${period(said)} ne s’expliquent pas par le hasard.`;
}

const month = (text) => new Date(`${text}-01T12:00`).toLocaleDateString("fr-FR", { month: "long", year: "numeric" });
const period = (said) => (said.since === said.until ? `en ${month(said.since)}` : `de ${month(said.since)} à ${month(said.until)}`);
const number = (value) => Math.round(value).toLocaleString("fr-FR");
const percent = (value) => `${value.toLocaleString("fr-FR", { maximumFractionDigits: value < 10 ? 1 : 0 })} %`;
const where = (row) => (row.territory ? ` (département ${row.territory.split(":")[1]})` : "");

/** An alarm as one would say it on the telephone. */
function words(row) {
  if (row.kind === "operator") {
    const group = row.group ? `son propre réseau (${row.group})` : "ses propres services";
    return [el("strong", {}, row.name), `${where(row)} a adressé ${number(row.received)} relais à ${group}, toujours parce que la personne l’avait désigné ; `,
      `un choix sans préférence en aurait donné environ ${number(row.expected)}, et ${number(Math.floor(row.most))} au plus. Demandez à l’opérateur comment ces choix se font.`];
  }
  const who = row.kind === "group" ? `Le réseau ${row.name}` : row.name;
  const limit = row.verdict === "above" ? `${number(Math.floor(row.most))} au plus` : `${number(Math.ceil(row.least))} au moins`;
  return [el("strong", {}, who), `${where(row)} a reçu ${number(row.received)} relais sur ${number(row.decisions)} tirages ; `,
    `le tirage lui en promettait environ ${number(row.expected)}, ${limit}. Signalez-le à l’administration de Relais : le tirage est à vérifier.`];
}

/** The month that an operator's alarm was raised for, where it was. */
function alarm(row, said) {
  const raised = row.kind === "operator" && !row.territory && said.raised?.[row.id];
  return raised ? ` Alarme donnée pour ${month(raised)}.` : "";
}

function line(row) {
  const kind = row.kind === "operator" ? "vers son propre réseau" : row.kind === "group" ? "réseau" : "partenaire";
  const spoken = `reçu ${percent(row.received_share)}, attendu ${percent(row.expected_share)}, entre ${percent(row.least_share)} et ${percent(row.most_share)} par le hasard`;
  return el("tr", row.verdict === "within" ? {} : { class: "outside" },
    el("th", { scope: "row" }, row.name, el("small", {}, `${kind}${where(row)}`)),
    el("td", {}, percent(row.received_share)), el("td", {}, percent(row.expected_share)), el("td", { class: "drawn" }, picture(row, spoken)));
}

/** The band as a bar, the share expected as a stroke, the share received as a dot, from 0 to 100 %. */
function picture(row, spoken) {
  const least = row.kind === "operator" ? 0 : row.least_share;
  return svg("svg", { viewBox: "0 0 104 14", class: "band", role: "img", "aria-label": spoken },
    svg("title", {}, spoken),
    svg("path", { d: "M2 7h100" }),
    svg("rect", { x: 2 + least, y: 3, width: Math.max(1, row.most_share - least), height: 8, rx: 2 }),
    svg("path", { d: `M${2 + row.expected_share} 2v10`, class: "expected" }),
    svg("circle", { cx: 2 + row.received_share, cy: 7, r: 3 }));
}
