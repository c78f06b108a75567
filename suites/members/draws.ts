// Parameters of the suite's statements, drawn from the seeded ranges by a given random function. Used by queries.ts.

import { pageSize } from './statements.ts';

/** Contents of the marker table: the ids of seeded rows run from 1 to these counts without gaps. */
export interface Dataset {
  readonly seed: number;
  readonly counts: {
    readonly organizations: number;
    readonly organization_contacts: number;
    readonly members: number;
    readonly member_employments: number;
    readonly students: number;
    readonly file_attachments: number;
  };
}

/** Sources of an operation's parameters, and the tag for the rows it writes. */
export interface Draw {
  /** 0 <= x < 1, e.g. `vu.random`. */
  readonly random: () => number;
  readonly dataset: Dataset;
  readonly runId: string;
}

const firstNames = 'Ada Bruno Carla Derek Elena Farid Greta Hugo Imani Jonas'.split(' ');
const lastNames = 'Abbott Brandt Castle Dorsey Engel Farrow Gallo Huber Irwin Jarvis'.split(' ');
/** Prefixes that many names in the data share. */
const namePrefixes = 'Sm Jo Wi Br Mar Ro Ga Ch Ha Mo Per Gon Ra Sa W'.split(' ');
const towns = [
  { city: 'Boston', state: 'MA', zip: '021', area: '617' },
  { city: 'Providence', state: 'RI', zip: '029', area: '401' },
  { city: 'Albany', state: 'NY', zip: '122', area: '518' },
  { city: 'Portland', state: 'ME', zip: '041', area: '207' },
] as const;
// The most common values, such as active members, are left out: nobody searches for them.
const searchedStatuses = ['inactive', 'pending', 'suspended', 'retired'] as const;
const searchedClassifications = ['associate', 'apprentice', 'retiree', 'student', 'honorary'] as const;
const newClassifications = ['regular', 'regular', 'regular', 'associate', 'apprentice', 'student'] as const;
const employmentStatuses = ['employed', 'employed', 'on_leave', 'on_leave', 'laid_off', 'ended'] as const;
const jobTitles = ['Registered Nurse', 'Teacher', 'Electrician', 'Bus Driver', 'Machinist', 'Clerk'] as const;
const departments = ['Operations', 'Maintenance', 'Administration', 'Field Services'] as const;
const employmentTypes = ['full_time', 'full_time', 'full_time', 'part_time', 'seasonal', 'per_diem'] as const;
const contactTitles = ['HR Manager', 'Payroll Officer', 'Labor Relations', 'Office Manager'] as const;
const fileCategories = [
  'application',
  'dues_receipt',
  'id_document',
  'certificate',
  'correspondence',
] as const;

/** Users read no further than this page. */
const mostPages = 20;

/** The parameters of each statement, in order. The seed of a run fixes the random numbers that they use. */
export const draws = {
  member_list: (draw: Draw) => [drawOffset(draw, 'members')],
  organization_list: (draw: Draw) => [drawOffset(draw, 'organizations')],
  student_list: (draw: Draw) => [drawOffset(draw, 'students')],
  member: (draw: Draw) => [drawId(draw, 'members')],
  attachment: (draw: Draw) => [drawId(draw, 'file_attachments')],
  status: (draw: Draw) => [oneOf(draw, searchedStatuses)],
  classification: (draw: Draw) => [oneOf(draw, searchedClassifications)],
  name_range: (draw: Draw) => prefixRange(oneOf(draw, namePrefixes)),
  new_member: (draw: Draw) => {
    const { area, street, city, state, postalCode } = drawAddress(draw);
    const born = `${between(draw, 1950, 2005)}-0${between(draw, 1, 9)}-${between(draw, 10, 28)}`;
    const names = [oneOf(draw, firstNames), oneOf(draw, lastNames)];
    const address = [street, city, state, postalCode, oneOf(draw, newClassifications)];
    return [...names, drawPhone(draw, area), born, ...address, draw.runId];
  },
  member_update: (draw: Draw) => {
    const { area, street, city, state, postalCode } = drawAddress(draw);
    return [drawId(draw, 'members'), drawPhone(draw, area), street, city, state, postalCode, draw.runId];
  },
  /** After the member's id. */
  new_employment: (draw: Draw) => [
    drawId(draw, 'organizations'),
    oneOf(draw, jobTitles),
    oneOf(draw, departments),
    oneOf(draw, employmentTypes),
    between(draw, 1600, 6500) / 100,
    draw.runId,
  ],
  /** After the member's id. */
  employment_status: (draw: Draw) => [oneOf(draw, employmentStatuses), draw.runId],
  new_contact: (draw: Draw) => [
    drawId(draw, 'organizations'),
    oneOf(draw, firstNames),
    oneOf(draw, lastNames),
    oneOf(draw, contactTitles),
    drawPhone(draw, '800'),
    draw.runId,
  ],
  new_attachment: (draw: Draw) => [
    drawId(draw, 'members'),
    oneOf(draw, fileCategories),
    between(draw, 20_000, 5_000_000),
    drawSha256(draw),
    `staff${between(draw, 1, 25)}`,
    draw.runId,
  ],
} satisfies Readonly<Record<string, (draw: Draw) => readonly unknown[]>>;

/** A whole number from `least` to `most`. */
export function between({ random }: Draw, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

function oneOf<Item>({ random }: Draw, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

function drawId(draw: Draw, table: keyof Dataset['counts']): number {
  return between(draw, 1, draw.dataset.counts[table]);
}

/** The offset of a page; users read the first pages more often than later ones. */
function drawOffset({ random, dataset }: Draw, table: keyof Dataset['counts']): number {
  const pages = Math.min(mostPages, Math.ceil(dataset.counts[table] / pageSize));
  return Math.floor(random() ** 2 * pages) * pageSize;
}

/** The bounds of all texts that begin with `prefix`, in byte order: the prefix itself and the next prefix. */
function prefixRange(prefix: string): [string, string] {
  const next = String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return [prefix, prefix.slice(0, -1) + next];
}

function drawAddress(draw: Draw) {
  const { city, state, zip, area } = oneOf(draw, towns);
  const street = `${between(draw, 1, 1800)} ${oneOf(draw, ['Main', 'Oak', 'Elm', 'Hill'])} St`;
  return { city, state, area, street, postalCode: `${zip}${between(draw, 10, 99)}` };
}

function drawPhone(draw: Draw, area: string): string {
  return `+1-${area}-555-${between(draw, 1000, 9999)}`;
}

function drawSha256({ random }: Draw): string {
  const word = () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return Array.from({ length: 8 }, word).join('');
}
