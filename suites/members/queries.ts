// The operations of the members system: one function each, with the name from the report of the source document. Each
// draws its parameters and marks the rows it writes with the run's id; clean-up.ts undoes these rows.

import { between, type Dataset, type Draw, draws } from './draws.ts';
import { pageSize, type Statement, statements } from './statements.ts';

/** The part of a statement's result that the suite uses. */
interface Result<Row> {
  readonly rows: Row[];
  /** Rows read or changed; 0 when the statement failed. */
  readonly rowCount: number;
  readonly error: { readonly message: string } | null;
}

/** The part of `sql` that operations use in a transaction: a failed statement throws. */
export interface SqlRunner {
  query<Row = Record<string, unknown>>(
    statement: Statement,
    parameters?: readonly unknown[],
  ): Promise<Result<Row>>;
}

/** The part of `sql` that operations use. Outside a transaction, a failed statement returns a result with `error`. */
export interface Sql extends SqlRunner {
  /** BEGIN, then COMMIT, or ROLLBACK when the body throws; everything on one connection. */
  transaction<Value>(
    body: (transaction: SqlRunner) => Promise<Value>,
    options?: { readonly name?: string },
  ): Promise<{ readonly value: Value | undefined; readonly error: { readonly message: string } | null }>;
}

export interface Operation {
  readonly kind: 'read' | 'write';
  readonly description: string;
  run(sql: Sql, draw: Draw): Promise<Outcome>;
}

export interface Outcome {
  /** Every statement succeeded, and a transaction was committed. */
  readonly ok: boolean;
  /** Rows read or written, over all statements. */
  readonly rowCount: number;
}

/**
 * The data set this database was seeded with, or `undefined` where the marker table is missing. Throws an `Error` when
 * the database does not answer.
 */
export async function readDataset(sql: SqlRunner): Promise<Dataset | undefined> {
  const found = await sql.query<{ found: boolean }>(statements.find_marker);
  if (found.error !== null) throw new Error(`cannot look for the marker table: ${found.error.message}`);
  if (found.rows[0]?.found !== true) return undefined;
  const marker = await sql.query<Dataset>(statements.read_marker);
  if (marker.error !== null) throw new Error(`cannot read the marker table: ${marker.error.message}`);
  return marker.rows[0];
}

const read = (description: string, run: Operation['run']): Operation => ({ kind: 'read', description, run });
const write = (description: string, run: Operation['run']): Operation => ({
  kind: 'write',
  description,
  run,
});
/** An operation of one statement. */
const one = (statement: Statement, draw: (draw: Draw) => readonly unknown[]): Operation['run'] => {
  return async (sql, from) => outcome(await sql.query(statement, draw(from)));
};
const outcome = ({ error, rowCount }: Result<unknown>): Outcome => ({ ok: error === null, rowCount });

export const operations = {
  read_member_list: read(
    `a page of ${pageSize} members by last name`,
    one(statements.read_member_list, draws.member_list),
  ),
  read_member_detail: read('one member, then all employments with their organisations', readMemberDetail),
  search_members: read('members by status, classification or the beginning of the last name', searchMembers),
  read_organization_list: read(
    `a page of ${pageSize} organisations by name`,
    one(statements.read_organization_list, draws.organization_list),
  ),
  read_student_list: read(
    `a page of ${pageSize} students by last name`,
    one(statements.read_student_list, draws.student_list),
  ),
  create_member: write('a new member', one(statements.create_member, draws.new_member)),
  update_member: write(
    'telephone and address of a member',
    one(statements.update_member, draws.member_update),
  ),
  create_employment: write(
    'a transaction: ends the current employment and makes a new one',
    createEmployment,
  ),
  update_employment_status: write(
    'a transaction: the status of the latest employment',
    updateEmploymentStatus,
  ),
  create_organization_contact: write(
    'a new contact of an organisation',
    one(statements.create_organization_contact, draws.new_contact),
  ),
  read_attachment_list: read("a member's files", one(statements.read_attachment_list, draws.member)),
  create_attachment: write(
    'the record of a new file; its content lies elsewhere',
    one(statements.create_attachment, draws.new_attachment),
  ),
  read_attachment_metadata: read(
    'the record of one file',
    one(statements.read_attachment_metadata, draws.attachment),
  ),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof operations;

async function readMemberDetail(sql: Sql, draw: Draw): Promise<Outcome> {
  const id = draws.member(draw);
  const member = outcome(await sql.query(statements.read_member_detail, id));
  if (!member.ok) return member;
  const employments = outcome(await sql.query(statements.read_member_employments, id));
  return { ok: employments.ok, rowCount: member.rowCount + employments.rowCount };
}

function searchMembers(sql: Sql, draw: Draw): Promise<Outcome> {
  const which = between(draw, 1, 3);
  if (which === 1) return one(statements.search_members_by_status, draws.status)(sql, draw);
  if (which === 2) return one(statements.search_members_by_classification, draws.classification)(sql, draw);
  return one(statements.search_members_by_name, draws.name_range)(sql, draw);
}

async function createEmployment(sql: Sql, draw: Draw): Promise<Outcome> {
  const [member] = draws.member(draw);
  const employment = draws.new_employment(draw);
  const { error, value } = await sql.transaction(
    async (transaction) => {
      await transaction.query(statements.lock_member, [member]);
      const ended = await transaction.query(statements.end_current_employment, [member, draw.runId]);
      const made = await transaction.query(statements.insert_employment, [member, ...employment]);
      return ended.rowCount + made.rowCount;
    },
    { name: 'create_employment' },
  );
  return { ok: error === null, rowCount: value ?? 0 };
}

async function updateEmploymentStatus(sql: Sql, draw: Draw): Promise<Outcome> {
  const [member] = draws.member(draw);
  const status = draws.employment_status(draw);
  const { error, value } = await sql.transaction(
    async (transaction) => {
      await transaction.query(statements.lock_member, [member]);
      return (await transaction.query(statements.set_employment_status, [member, ...status])).rowCount;
    },
    { name: 'update_employment_status' },
  );
  return { ok: error === null, rowCount: value ?? 0 };
}
