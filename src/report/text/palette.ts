// The colours of what is printed on a terminal, and none where there is no terminal.

import pc from 'picocolors';

export type Paint = (text: string) => string;

/** The few colours the summary uses. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly red: Paint;
  readonly magenta: Paint;
}

/** A palette that colours, or one that returns every text as it is. */
export function makePalette(colour: boolean): Palette {
  return pc.createColors(colour);
}

export const plainPalette: Palette = makePalette(false);
