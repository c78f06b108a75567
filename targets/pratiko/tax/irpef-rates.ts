// Rates of IRPEF and its regional and municipal additions for the tax year 2026. README.md names the sources, and what
// is left out. Called by irpef.ts.

import type { Brackets } from './money.ts';

export const taxYear = 2026;

/** TUIR, art. 11, c. 1, as changed by L. 199/2025, art. 1, c. 3. */
export const nationalBrackets: Brackets = [
  { upTo: 28_000, percent: 23 },
  { upTo: 50_000, percent: 33 },
  { upTo: Number.POSITIVE_INFINITY, percent: 43 },
];

/** What a region takes off its addition, in euro, for incomes above `above` and up to `upTo`. */
export interface Credit {
  readonly above: number;
  readonly upTo: number;
  readonly amount: number;
  /** Percent of the income above `above`, at most `amount`; the whole amount when absent. */
  readonly percent?: number;
}

interface RegionalRule {
  readonly brackets: Brackets;
  /** Incomes up to so many euro pay this rate on all of it in place of the brackets; 0 is an exemption. */
  readonly lowIncome?: { readonly upTo: number; readonly percent: number };
  readonly credits?: readonly Credit[];
}

/** The capital of the region or autonomous province, whose municipal addition is added. */
interface MunicipalRule {
  readonly name: string;
  readonly brackets: Brackets;
  /** Incomes up to so many euro pay nothing; those above pay for all of it. */
  readonly exemptUpTo: number;
}

export interface Territory {
  readonly regional: RegionalRule;
  readonly municipal: MunicipalRule;
}

const flat = (percent: number): Brackets => [{ upTo: Number.POSITIVE_INFINITY, percent }];

/** Rates up to 28,000 and 50,000 euro and above, or, of four, up to 15,000 euro as well. */
function bands(...percents: readonly [number, number, number, number?]): Brackets {
  const limits = percents.length === 4 ? [15_000, 28_000, 50_000] : [28_000, 50_000];
  return percents.map((percent, i) => ({
    upTo: limits[i] ?? Number.POSITIVE_INFINITY,
    percent: percent!,
  }));
}

const city = (name: string, percents: number | Brackets, exemptUpTo = 0): MunicipalRule => ({
  name,
  brackets: typeof percents === 'number' ? flat(percents) : percents,
  exemptUpTo,
});

/** The twenty regions; Trentino-Alto Adige as its two autonomous provinces, which set their own rates. */
export const territories = {
  abruzzo: { regional: { brackets: bands(1.67, 2.87, 3.33) }, municipal: city("L'Aquila", 0.6, 15_000) },
  basilicata: { regional: { brackets: flat(1.23) }, municipal: city('Potenza', bands(0.8, 0.8, 1)) },
  bolzano: {
    regional: {
      brackets: bands(1.23, 1.23, 1.73),
      credits: [
        { above: 0, upTo: 90_000, amount: 430.5 },
        { above: 50_000, upTo: Number.POSITIVE_INFINITY, amount: 125, percent: 0.5 },
      ],
    },
    municipal: city('Bolzano', 0),
  },
  calabria: { regional: { brackets: flat(1.73) }, municipal: city('Catanzaro', 0.8) },
  campania: {
    regional: { brackets: bands(1.73, 2.96, 3.2, 3.33) },
    municipal: city('Napoli', 1, 12_000),
  },
  'emilia-romagna': {
    regional: { brackets: bands(1.33, 1.93, 2.78, 3.33) },
    municipal: city('Bologna', 0.8, 15_000),
  },
  'friuli-venezia-giulia': {
    regional: { brackets: flat(1.23), lowIncome: { upTo: 15_000, percent: 0.7 } },
    municipal: city('Trieste', 0.8, 12_500),
  },
  lazio: {
    regional: {
      brackets: [
        { upTo: 15_000, percent: 1.73 },
        { upTo: Number.POSITIVE_INFINITY, percent: 3.33 },
      ],
      lowIncome: { upTo: 28_000, percent: 1.73 },
      credits: [{ above: 28_000, upTo: 30_000, amount: 60 }],
    },
    municipal: city('Roma', 0.9, 14_000),
  },
  liguria: {
    regional: { brackets: bands(1.23, 3.18, 3.23) },
    municipal: city('Genova', bands(1, 1.1, 1.2), 14_000),
  },
  lombardia: {
    regional: { brackets: bands(1.23, 1.58, 1.72, 1.73) },
    municipal: city('Milano', 0.8, 23_000),
  },
  marche: { regional: { brackets: bands(1.23, 1.53, 1.7, 1.73) }, municipal: city('Ancona', 0.8) },
  molise: { regional: { brackets: bands(2.03, 2.23, 3.63, 3.63) }, municipal: city('Campobasso', 0.8) },
  piemonte: {
    regional: { brackets: bands(1.62, 2.68, 3.31, 3.33) },
    municipal: city('Torino', bands(0.8, 1.1, 1.2), 11_790),
  },
  puglia: { regional: { brackets: bands(1.33, 2.13, 3.23, 3.33) }, municipal: city('Bari', 0.8, 15_000) },
  sardegna: {
    regional: { brackets: flat(1.23) },
    municipal: city('Cagliari', bands(0.66, 0.72, 0.78, 0.8), 10_000),
  },
  sicilia: { regional: { brackets: flat(1.23) }, municipal: city('Palermo', 1.03) },
  toscana: {
    regional: { brackets: bands(1.42, 1.43, 3.32, 3.33) },
    municipal: city('Firenze', 0.2, 25_000),
  },
  trento: {
    regional: { brackets: bands(1.23, 1.23, 1.73), lowIncome: { upTo: 30_000, percent: 0 } },
    municipal: city('Trento', 0),
  },
  umbria: {
    regional: {
      brackets: bands(1.73, 3.02, 3.12, 3.33),
      lowIncome: { upTo: 28_000, percent: 1.23 },
      credits: [{ above: 28_000, upTo: 50_000, amount: 150 }],
    },
    municipal: city('Perugia', 0.8, 12_500),
  },
  'valle-d-aosta': {
    regional: { brackets: flat(1.23), lowIncome: { upTo: 15_000, percent: 0 } },
    municipal: city('Aosta', 0.5, 9_999.99),
  },
  veneto: { regional: { brackets: flat(1.23) }, municipal: city('Venezia', 0.8, 10_000) },
} as const satisfies Readonly<Record<string, Territory>>;
