/** The items of a list: what the stream told, in the order of the board. */

const END = "9999";

/** @param {any} item */
const sortKey = (item) => `${item.due ? new Date(item.due).toISOString() : END}~${item.id}`;

export class Items {
  /** @param {string} list */
  constructor(list) {
    this.list = list;
    /** @type {Map<string, any>} */
    this.known = new Map();
    this.last = "";
    this.after = null;
  }

  /** @param {{items: any[], after: string|null}} page */
  take(page) {
    for (const item of page.items) this.known.set(item.id, item);
    this.after = page.after;
    this.last = page.after ? page.items.map(sortKey).reduce((one, other) => (one > other ? one : other)) : "";
  }

  /** @param {{items: any[], gone: string[]}} changes */
  apply(changes) {
    for (const id of changes.gone) this.known.delete(id);
    for (const item of changes.items) {
      if (this.belongs(item)) this.known.set(item.id, item);
      else this.known.delete(item.id);
    }
  }

  /** Whether an item stands in this list now, and not on a page not read yet. @param {any} item */
  belongs(item) {
    if (this.list === "ended") return item.kind === "handoff" && Boolean(item.ended);
    if (!item.list || (this.last && sortKey(item) > this.last && !this.known.has(item.id))) return false;
    if (this.list === "open") return true;
    if (this.list === "overdue") return Boolean(item.due) && new Date(item.due).getTime() < Date.now();
    return item.list === this.list;
  }

  /** In order: the most pressing first; what has ended, the newest first. */
  inOrder() {
    const items = [...this.known.values()];
    if (this.list === "ended") return items.sort((one, other) => (one.ended < other.ended ? 1 : -1));
    return items.sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  }
}
