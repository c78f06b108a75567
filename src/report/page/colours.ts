// The colours of the page's style sheet, for what is drawn. Used by every chart.

const root = document.documentElement;
/** Asked for often, and each answer of the browser's may cost it a layout: kept until the next drawing. */
const known = new Map<string, string>();

/** The value of a CSS variable such as `--c1`. */
export function colour(name: string): string {
  let value = known.get(name);
  if (value === undefined) {
    value = getComputedStyle(root).getPropertyValue(name).trim();
    known.set(name, value);
  }
  return value;
}

/** The theme may have changed. */
export function forgetColours(): void {
  known.clear();
}

/** Room is small: fewer labels, narrower axes. */
export function isNarrow(): boolean {
  return root.clientWidth < 560;
}
