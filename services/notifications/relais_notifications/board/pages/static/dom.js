/**
 * Makes elements, and keeps lists of them in step with data. Text only goes in as text: nothing here reads HTML.
 */

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties] attributes; `class`, `data-…`, and `on…` for listeners
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for drawings. @returns {any} */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/**
 * Shows exactly these entries in a parent, in order; an element is made anew only where its entry changed, so that
 * focus and reading position stay.
 * @template T
 * @param {HTMLElement} parent
 * @param {T[]} entries
 * @param {(entry: T) => string} key
 * @param {(entry: T) => HTMLElement} make
 */
export function keep(parent, entries, key, make) {
  const known = new Map([...parent.children].map((child) => [/** @type {any} */ (child).entryKey, child]));
  entries.forEach((entry, index) => {
    const name = key(entry);
    const text = JSON.stringify(entry);
    let child = /** @type {any} */ (known.get(name));
    known.delete(name);
    if (!child || child.entryText !== text) {
      const fresh = /** @type {any} */ (make(entry));
      fresh.entryKey = name;
      fresh.entryText = text;
      if (child) replaceKeepingFocus(child, fresh);
      child = fresh;
    }
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
  for (const gone of known.values()) gone.remove();
}

function replaceKeepingFocus(old, fresh) {
  const held = old.contains(document.activeElement) ? /** @type {any} */ (document.activeElement).dataset.focus : null;
  old.replaceWith(fresh);
  if (held) fresh.querySelector(`[data-focus="${held}"]`)?.focus();
}
