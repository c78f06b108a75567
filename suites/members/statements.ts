// The SQL statements of the suite, by name. Used by queries.ts and clean-up.ts.

/** A statement with `$1`-style parameters. Its samples carry its name as the tag `operation`. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** The schema of the system. Every name is qualified with it, so the search path does not matter. */
export const schema = 'plimsoll_members';

/** Marks a database as made for load tests. The target creates it; without it, a run refuses to write. */
export const markerTable = `${schema}.plimsoll_suite`;

/** Rows per page of a list and per search result. */
export const pageSize = 25;

const summary =
  'id, member_number, first_name, last_name, email, status, classification, city, state, joined_on';
const search = (condition: string, order: string) =>
  `SELECT ${summary} FROM ${schema}.members WHERE ${condition} ORDER BY ${order} LIMIT ${pageSize}`;

/** The columns that `before` saves at a run's first change of a row; clean-up.ts restores them. */
export const keptColumns = {
  members: ['phone', 'street', 'city', 'state', 'postal_code', 'updated_at', 'run_id'],
  member_employments: ['status', 'is_current', 'end_date', 'updated_at', 'run_id'],
} as const;

const keep = (table: keyof typeof keptColumns) =>
  `before = coalesce(before, jsonb_build_object(${keptColumns[table].map((name) => `'${name}', ${name}`).join(', ')}))`;

const texts = {
  read_marker: `SELECT seed, counts FROM ${markerTable} WHERE suite = 'members'`,
  find_marker: `SELECT to_regclass('${markerTable}') IS NOT NULL AS found`,

  read_member_list: `SELECT ${summary} FROM ${schema}.members ORDER BY last_name, id LIMIT ${pageSize} OFFSET $1::int`,
  read_member_detail: `SELECT ${summary}, phone, date_of_birth, street, postal_code, created_at, updated_at
    FROM ${schema}.members WHERE id = $1::int`,
  read_member_employments: `SELECT e.id, e.organization_id, o.name AS organization, e.job_title, e.department,
      e.employment_type, e.status, e.is_current, e.start_date, e.end_date, e.hourly_rate
    FROM ${schema}.member_employments AS e JOIN ${schema}.organizations AS o ON o.id = e.organization_id
    WHERE e.member_id = $1::int ORDER BY e.is_current DESC, e.start_date DESC`,
  search_members_by_status: search('status = $1::text', 'joined_on DESC, id DESC'),
  search_members_by_classification: search('classification = $1::text', 'joined_on DESC, id DESC'),
  // A range instead of LIKE: a prepared plan does not know the pattern, and only a range lets it use the index.
  search_members_by_name: search('last_name >= $1::text AND last_name < $2::text', 'last_name, id'),
  read_organization_list: `SELECT id, name, sector, city, state, employee_count, is_active
    FROM ${schema}.organizations ORDER BY name LIMIT ${pageSize} OFFSET $1::int`,
  read_student_list: `SELECT id, student_number, first_name, last_name, program, organization_id, status, enrolled_on
    FROM ${schema}.students ORDER BY last_name, id LIMIT ${pageSize} OFFSET $1::int`,

  // Number and address contain the new id, so they are unique whatever the run draws.
  create_member: `INSERT INTO ${schema}.members (id, member_number, first_name, last_name, email, phone,
      date_of_birth, street, city, state, postal_code, status, classification, joined_on, run_id)
    SELECT n, 'M' || lpad(n::text, 8, '0'), $1::text, $2::text, lower($1::text || '.' || $2::text) || '.' || n ||
      '@example.com', $3::text, $4::date, $5::text, $6::text, $7::text, $8::text, 'pending', $9::text, CURRENT_DATE,
      $10::text
    FROM nextval('${schema}.members_id_seq') AS n RETURNING id`,
  update_member: `UPDATE ${schema}.members SET phone = $2::text, street = $3::text, city = $4::text,
      state = $5::text, postal_code = $6::text, updated_at = now(), ${keep('members')}, run_id = $7::text
    WHERE id = $1::int RETURNING id`,
  // Two changes of one member's employment run one after the other, so that only one employment is current.
  lock_member: `SELECT id FROM ${schema}.members WHERE id = $1::int FOR NO KEY UPDATE`,
  end_current_employment: `UPDATE ${schema}.member_employments SET status = 'ended', is_current = false,
      end_date = greatest(start_date, CURRENT_DATE), updated_at = now(), ${keep('member_employments')},
      run_id = $2::text
    WHERE member_id = $1::int AND is_current`,
  insert_employment: `INSERT INTO ${schema}.member_employments (member_id, organization_id, job_title, department,
      employment_type, status, is_current, start_date, hourly_rate, run_id)
    VALUES ($1::int, $2::int, $3::text, $4::text, $5::text, 'employed', true, CURRENT_DATE, $6::numeric, $7::text)
    RETURNING id`,
  set_employment_status: `UPDATE ${schema}.member_employments SET status = $2::text,
      is_current = $2::text <> 'ended',
      end_date = CASE WHEN $2::text = 'ended' THEN coalesce(end_date, greatest(start_date, CURRENT_DATE)) END,
      updated_at = now(), ${keep('member_employments')}, run_id = $3::text
    WHERE id = (SELECT id FROM ${schema}.member_employments WHERE member_id = $1::int
      ORDER BY is_current DESC, start_date DESC, id DESC LIMIT 1) RETURNING id`,
  create_organization_contact: `INSERT INTO ${schema}.organization_contacts (organization_id, first_name, last_name, title, email,
      phone, is_primary, run_id)
    VALUES ($1::int, $2::text, $3::text, $4::text, lower($2::text || '.' || $3::text) || '@org' || $1::int ||
      '.example.com', $5::text, false, $6::text) RETURNING id`,

  read_attachment_list: `SELECT id, file_name, content_type, size_bytes, category, uploaded_by, uploaded_at
    FROM ${schema}.file_attachments WHERE member_id = $1::int ORDER BY uploaded_at DESC, id DESC
    LIMIT ${pageSize}`,
  create_attachment: `INSERT INTO ${schema}.file_attachments (id, member_id, file_name, content_type, size_bytes,
      category, storage_key, sha256, uploaded_by, run_id)
    SELECT n, $1::int, $2::text || '_' || n || '.pdf', 'application/pdf', $3::int, $2::text,
      'members/' || $1::int || '/' || $2::text || '_' || n || '.pdf', $4::text, $5::text, $6::text
    FROM nextval('${schema}.file_attachments_id_seq') AS n RETURNING id`,
  read_attachment_metadata: `SELECT id, member_id, file_name, content_type, size_bytes, category, storage_key, sha256,
      uploaded_by, uploaded_at
    FROM ${schema}.file_attachments WHERE id = $1::int`,
} as const;

export type StatementName = keyof typeof texts;

/**
 * Each statement contains its name in a comment, which pg_stat_statements, pg_stat_activity and the server's log show. The
 * comment follows the first word, since newer servers drop a leading comment.
 */
export const statements = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [
    name,
    { name, text: text.replace(/^\w+/, (word) => `${word} /* ${name} */`) },
  ]),
) as Readonly<Record<StatementName, Statement>>;
