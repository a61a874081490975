/** Figures of practice and the map of unmet needs: counts first, a share only beside its count. */

import { short } from "./dates.js";
import { byId, el, svg } from "./dom.js";

const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "–");
let outlineOf = "";
/** @type {number[][]} */
let outline = [];

/** @param {any} figures @param {URLSearchParams} filters */
export async function showFigures(figures, filters) {
  const { cases, answers, unmet, in_demand: asked } = figures;
  const total = unmet.reduce((sum, place) => sum + place.number, 0);
  byId("figures").replaceChildren(
    card(percent(cases.masked, cases.clarified), "demandes masquées", `${cases.masked} sur ${cases.clarified} : le besoin n’était pas la demande`),
    card(percent(answers.in_time, answers.answers), "réponses dans les délais", `${answers.in_time} sur ${answers.answers} en 90 jours`),
    card(String(cases.without_interview), "dossiers sans entretien", `sur ${cases.cases} dossier${cases.cases > 1 ? "s" : ""} en un an`),
    card(String(total), "besoins non couverts", `dans ${unmet.length} commune${unmet.length > 1 ? "s" : ""}`));
  byId("unmet").replaceChildren(unmet.length ? table(["Commune", "Besoins"], unmet.slice(0, 8).map((place) => [place.name, String(place.number)])) : none());
  byId("in-demand")?.replaceChildren(asked.length
    ? table(["Offre", "Partenaire", "Commune", "Personnes", "Depuis le"], asked.map((offer) => [offer.name, offer.partner, offer.commune, String(offer.people), short(offer.since)]))
    : none("Aucune offre complète n’est demandée."));
  byId("partners").replaceChildren(answers.partners.length
    ? table(["Partenaire", "Dans les délais", "Délai médian"], answers.partners.map((partner) => [partner.name, `${partner.in_time} sur ${partner.answers}`, days(partner.median_days)]))
    : none("Aucune réponse encore."));
  await draw(unmet, filters);
}

const days = (number) => (number === null ? "aucune réponse" : number < 1 ? "moins d’un jour" : `${String(number).replace(".", ",")} jour${number >= 2 ? "s" : ""}`);
const none = (text = "Tous les besoins sont couverts.") => el("p", { class: "muted" }, text);

function card(number, label, about) {
  return el("div", { class: "card figure" }, el("b", {}, number), el("span", {}, label), el("small", {}, about));
}

function table(heads, rows) {
  const found = el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell, index) => el(index ? "td" : "th", index ? {} : { scope: "row" }, cell))))));
  return el("div", { class: "wide", tabindex: "0" }, found);
}

async function draw(unmet, filters) {
  const territory = filters.get("territory") ?? "";
  if (!outline.length || territory !== outlineOf) {
    const answer = await fetch(`/v1/board/outline?${new URLSearchParams(territory ? { territory } : {})}`);
    if (!answer.ok) return;
    outline = (await answer.json()).points;
    outlineOf = territory;
  }
  byId("map").replaceChildren(...(outline.length ? [map(unmet)] : []));
}

/** Communes as dots give the shape; unmet needs as discs, their surface as the number. */
function map(unmet) {
  const [x, y, width, height, narrowing] = box(outline);
  const flat = ([longitude, latitude]) => [(longitude - x) * narrowing, y - latitude];
  const scale = 300 / Math.max(width, height);
  const at = (point) => flat(point).map((value) => Math.round(value * scale * 10) / 10 + 12);
  const dots = outline.map((point) => `M${at(point).join(" ")}h0`).join("");
  const most = Math.max(1, ...unmet.map((place) => place.number));
  const discs = unmet.filter((place) => place.at).map((place) => {
    const [cx, cy] = at(place.at);
    const words = `${place.name} : ${place.number} besoin${place.number > 1 ? "s" : ""} non couvert${place.number > 1 ? "s" : ""}`;
    return svg("circle", { cx, cy, r: 4 + 12 * Math.sqrt(place.number / most) }, svg("title", {}, words));
  });
  const size = [width * scale + 24, height * scale + 24].map(Math.ceil).join(" ");
  return svg("svg", { viewBox: `0 0 ${size}`, role: "img", "aria-label": "Carte des besoins non couverts" },
    svg("path", { d: dots }), svg("g", {}, ...discs));
}

function box(points) {
  const west = Math.min(...points.map((point) => point[0]));
  const east = Math.max(...points.map((point) => point[0]));
  const south = Math.min(...points.map((point) => point[1]));
  const north = Math.max(...points.map((point) => point[1]));
  const middle = Math.cos((((north + south) / 2) * Math.PI) / 180);
  return [west, north, (east - west) * middle, north - south, middle];
}
