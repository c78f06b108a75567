// The rows of the members system as SQL that PostgreSQL runs by itself, the same for the same seed.
// Called by dataset.ts.

import {
  cities,
  contactTitles,
  departments,
  firstNames,
  jobTitles,
  lastNames,
  organizationNames,
  organizationSectors,
  programs,
  streets,
} from './words.ts';

/** The day the data ends. Fixed, so that the same seed gives the same rows on any day. */
export const asOf = '2026-01-27';

/** How many rows are drawn up front; employments, contacts and attachments follow from the draws. */
export interface Sizes {
  readonly members: number;
  readonly organizations: number;
  readonly students: number;
}

/** One organisation for 40 members, one student for 5; never so few that lists have but one page. */
export function sizesFor(members: number): Sizes {
  return {
    members,
    organizations: Math.max(50, Math.round(members / 40)),
    students: Math.max(50, Math.round(members / 5)),
  };
}

const list = (values: readonly string[]) => `ARRAY[${values.map((value) => `'${value}'`).join(',')}]`;
const cityPart = (part: number) => list(cities.map((city) => city[part]!));

/** An SQL value drawn by `unit` (0 <= unit < 1) with these weights. */
function choose(unit: string, weights: Readonly<Record<string, number>>): string {
  const values = Object.values(weights);
  const sum = (count: number) => values.slice(0, count).reduce((total, weight) => total + weight, 0);
  const limits = values.map((_, index) => sum(index + 1) / sum(values.length));
  const below = `width_bucket(${unit}, ARRAY[${limits.slice(0, -1).join(',')}]::float8[])`;
  return `(${list(Object.keys(weights))})[1 + ${below}]`;
}

/**
 * `unit(i, k)` is a number 0 <= x < 1 that depends on nothing but row, column and seed. PostgreSQL's random()
 * would not do: its generator changed between versions, and its order depends on the plan. `skew` leans to 0
 * much, `lean` a little; by products, not powers, which the C library may round differently from machine to machine.
 */
const functions = (seed: number) => `
CREATE FUNCTION pg_temp.unit(i int8, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT (hashint8extended(i * 64 + k, ${seed}) & 1073741823) / 1073741824.0::float8 $$;
CREATE FUNCTION pg_temp.skew(i int8, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT pg_temp.unit(i, k) * pg_temp.unit(i, k) $$;
CREATE FUNCTION pg_temp.lean(i int8, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT (pg_temp.unit(i, k) + pg_temp.skew(i, k)) / 2 $$;
CREATE FUNCTION pg_temp.pick(choices text[], u float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT choices[1 + floor(u * cardinality(choices))::int] $$;
CREATE FUNCTION pg_temp.phone(area text, u float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT '+1-' || area || '-555-' || lpad(floor(u * 10000)::int::text, 4, '0') $$;
CREATE FUNCTION pg_temp.first_name(i int8, k int) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT pg_temp.pick(${list(firstNames)}, pg_temp.lean(i, k)) $$;
CREATE FUNCTION pg_temp.last_name(i int8, k int) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT pg_temp.pick(${list(lastNames)}, pg_temp.lean(i, k)) $$;
`;

/** Each pair of name and sector once, in an order that differs by seed; a number follows when all are used up. */
function organizations(seed: number, count: number): string {
  const pairs = organizationNames.length * organizationSectors.length;
  const sectorCount = organizationSectors.length;
  // 379 is a prime that does not divide the number of pairs: i * 379 visits each pair once.
  return `
INSERT INTO organizations
  SELECT i, (${list(organizationNames)})[1 + pair / ${sectorCount}] || ' ' ||
      (${list(organizationSectors.map(([name]) => name))})[1 + pair % ${sectorCount}] ||
      CASE WHEN i > ${pairs} THEN ' ' || (1 + (i - 1) / ${pairs}) ELSE '' END,
    (${list(organizationSectors.map(([, sector]) => sector))})[1 + pair % ${sectorCount}],
    pg_temp.pick(${cityPart(0)}, pg_temp.skew(i, 1)), pg_temp.pick(${cityPart(1)}, pg_temp.skew(i, 1)),
    10 + floor(pg_temp.skew(i, 2) * pg_temp.unit(i, 3) * 8000)::int, pg_temp.unit(i, 4) < 0.96,
    timestamptz '${asOf} 00:00Z' - (200 + floor(pg_temp.unit(i, 5) * 5000)) * interval '1 day'
  FROM generate_series(1, ${count}) AS i, LATERAL (SELECT (i * 379 + ${seed % pairs}) % ${pairs} AS pair) AS p;
INSERT INTO organization_contacts
  SELECT row_number() OVER (ORDER BY o.id, k), o.id, n.first, n.last, pg_temp.pick(${list(contactTitles)},
      pg_temp.unit(c.i, 13)), lower(n.first || '.' || n.last) || '@org' || o.id || '.example.com',
    pg_temp.phone('800', pg_temp.unit(c.i, 14)), k = 0, o.created_at + k * interval '90 days'
  FROM organizations AS o, LATERAL generate_series(0, floor(pg_temp.skew(o.id, 10) * 4)::int) AS k,
    LATERAL (SELECT o.id::int8 * 8 + k AS i) AS c,
    LATERAL (SELECT pg_temp.first_name(c.i, 11) AS first, pg_temp.last_name(c.i, 12) AS last) AS n;
`;
}

/** Ages 18 to 75 with most in the middle; half of the members joined in the last quarter of their time. */
function members(count: number): string {
  const status = { active: 76, inactive: 9, pending: 4, suspended: 3, retired: 8 };
  const working = { regular: 70, associate: 14, apprentice: 10, student: 5, honorary: 1 };
  return `
INSERT INTO members
  SELECT i, 'M' || lpad(i::text, 8, '0'), first, last,
    lower(first || '.' || last) || '.' || i || '@' || pg_temp.pick(ARRAY['example.com','example.org','example.net'],
      pg_temp.unit(i, 24)),
    pg_temp.phone(pg_temp.pick(${cityPart(3)}, city), pg_temp.unit(i, 25)),
    date '${asOf}' - age_days, 1 + floor(pg_temp.skew(i, 26) * 1800)::int || ' ' ||
      pg_temp.pick(${list(streets)}, pg_temp.skew(i, 27)) || ' ' || pg_temp.pick(ARRAY['St','Ave','Rd'],
      pg_temp.skew(i, 28)), pg_temp.pick(${cityPart(0)}, city), pg_temp.pick(${cityPart(1)}, city),
    pg_temp.pick(${cityPart(2)}, city) || lpad(floor(pg_temp.unit(i, 29) * 100)::int::text, 2, '0'),
    status, CASE WHEN status = 'retired' THEN 'retiree' ELSE ${choose('pg_temp.unit(i, 30)', working)} END,
    joined, joined + interval '9 hours', joined + interval '9 hours' +
      pg_temp.unit(i, 31) * (timestamptz '${asOf} 00:00Z' - (joined + interval '9 hours'))
  FROM generate_series(1, ${count}) AS i,
    LATERAL (SELECT pg_temp.first_name(i, 20) AS first, pg_temp.last_name(i, 21) AS last,
      pg_temp.skew(i, 22) AS city, ${choose('pg_temp.unit(i, 23)', status)} AS status) AS a,
    LATERAL (SELECT CASE WHEN status = 'retired' THEN 365 * 58 + floor(pg_temp.unit(i, 32) * 365 * 25)::int
      ELSE 365 * 18 + 120 + floor((pg_temp.unit(i, 33) + pg_temp.unit(i, 34)) / 2 * 365 * 57)::int END
      AS age_days) AS b,
    LATERAL (SELECT date '${asOf}' - 1 - CASE WHEN status = 'pending' THEN floor(pg_temp.unit(i, 35) * 60)::int
      ELSE floor(pg_temp.skew(i, 36) * least(age_days - 366 * 18, 365 * 35))::int END AS joined) AS c;
`;
}

/**
 * One to five employments each (2.1 on average) that follow one another from the day of joining; the last one
 * is current unless its member left working life. Numbered by start, as a system in use would have done.
 */
function employments(organizationCount: number): string {
  const each = { 1: 40, 2: 29, 3: 17, 4: 9, 5: 5 };
  const type = { full_time: 71, part_time: 17, seasonal: 7, per_diem: 5 };
  const status = { employed: 93, on_leave: 5, laid_off: 2 };
  return `
INSERT INTO member_employments
  SELECT row_number() OVER (ORDER BY starts, member_id, k), member_id,
    1 + floor(pg_temp.skew(i, 41) * ${organizationCount})::int, pg_temp.pick(${list(jobTitles)}, pg_temp.skew(i, 42)),
    pg_temp.pick(${list(departments)}, pg_temp.skew(i, 43)), ${choose('pg_temp.unit(i, 44)', type)},
    CASE WHEN is_current THEN ${choose('pg_temp.unit(i, 45)', status)} ELSE 'ended' END, is_current, starts,
    CASE WHEN NOT is_current THEN greatest(starts, ends - 1 - floor(pg_temp.unit(i, 46) * 30)::int) END,
    round((16 + pg_temp.skew(i, 47) * 50)::numeric, 2), starts + interval '10 hours',
    starts + interval '10 hours'
  FROM (SELECT *, k = total - 1 AND pg_temp.unit(member_id, 40) < keeps AS is_current,
      joined_on + (days * (k + CASE WHEN k = 0 THEN 0 ELSE pg_temp.unit(i, 48) / 2 END) / total)::int AS starts,
      joined_on + (days * (k + 1 + CASE WHEN k + 1 = total THEN 0 ELSE pg_temp.unit(i + 1, 48) / 2 END) / total)::int
        AS ends
    FROM (SELECT m.id AS member_id, m.joined_on, k, total, m.id::int8 * 8 + k AS i, date '${asOf}' - joined_on AS days,
        CASE m.status WHEN 'retired' THEN 0 WHEN 'inactive' THEN 0.25 ELSE 0.94 END AS keeps
      FROM members AS m, LATERAL (SELECT ${choose('pg_temp.unit(m.id, 39)', each)}::int AS total) AS t,
        generate_series(0, total - 1) AS k) AS spans) AS dated;
`;
}

function students(count: number, organizationCount: number): string {
  const status = { enrolled: 68, graduated: 20, withdrawn: 8, on_leave: 4 };
  return `
INSERT INTO students
  SELECT i, 'S' || lpad(i::text, 7, '0'), first, last, lower(first || '.' || last) || '.' || i || '@students.example',
    pg_temp.pick(${list(programs)}, pg_temp.skew(i, 52)), 1 + floor(pg_temp.skew(i, 53) * ${organizationCount})::int,
    ${choose('pg_temp.unit(i, 54)', status)}, enrolled, enrolled + 365 * (1 + floor(pg_temp.unit(i, 55) * 4)::int),
    enrolled + interval '8 hours'
  FROM generate_series(1, ${count}) AS i,
    LATERAL (SELECT pg_temp.first_name(i, 50) AS first, pg_temp.last_name(i, 51) AS last,
      date '${asOf}' - 1 - floor(pg_temp.unit(i, 56) * 1500)::int AS enrolled) AS a;
`;
}

/** Records of files that lie elsewhere: 1.4 for each member on average, 20 KB to 5 MB, small ones most. */
function attachments(): string {
  const each = { 0: 35, 1: 26, 2: 18, 3: 11, 4: 6, 5: 4 };
  const category = { application: 34, dues_receipt: 28, id_document: 18, certificate: 12, correspondence: 8 };
  const ending = { pdf: 62, jpg: 22, png: 9, docx: 7 };
  return `
INSERT INTO file_attachments
  SELECT row_number() OVER (ORDER BY uploaded, member_id, k), member_id, category || '_' || k + 1 || '.' || ending,
    CASE ending WHEN 'pdf' THEN 'application/pdf' WHEN 'jpg' THEN 'image/jpeg' WHEN 'png' THEN 'image/png'
      ELSE 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' END,
    20000 + floor(pg_temp.skew(i, 63) * pg_temp.unit(i, 57) * 5000000)::int, category,
    'members/' || member_id || '/' || category || '_' || k + 1 || '.' || ending,
    encode(sha256(convert_to('${asOf}/' || i, 'UTF8')), 'hex'), 'staff' || 1 + floor(pg_temp.skew(i, 60) * 25)::int,
    uploaded
  FROM (SELECT m.id AS member_id, k, i, ${choose('pg_temp.unit(i, 61)', category)} AS category,
      ${choose('pg_temp.unit(i, 62)', ending)} AS ending,
      m.created_at + pg_temp.unit(i, 59) * (timestamptz '${asOf} 00:00Z' - m.created_at) AS uploaded
    FROM members AS m, generate_series(0, ${choose('pg_temp.unit(m.id, 58)', each)}::int - 1) AS k,
      LATERAL (SELECT m.id::int8 * 8 + k AS i) AS c) AS files;
`;
}

/** All rows, to be run as one batch in a transaction whose search_path is the system's schema. */
export function rows(seed: number, sizes: Sizes): string {
  return [
    functions(seed),
    organizations(seed, sizes.organizations),
    members(sizes.members),
    employments(sizes.organizations),
    students(sizes.students, sizes.organizations),
    attachments(),
  ].join('');
}
