// The statements that nearly every request comes down to, and their first use on each connection of the pool: whatever a
// server process must read to plan them is read before the first user comes. Called by the parts of the target.

import type { Database, Statement } from '../../src/target-kit/database.ts';

export const selectUser: Statement = {
  name: 'sign_in',
  text: `SELECT u.name, u.home_team_id AS team, u.credits,
    (SELECT id FROM generations WHERE user_id = u.id ORDER BY id DESC LIMIT 1) AS generation
    FROM users AS u WHERE u.id = $1`,
};
export const selectRole: Statement = {
  name: 'role',
  text: 'SELECT role FROM memberships WHERE user_id = $1 AND team_id = $2 LIMIT 1',
};
export const selectPage: Statement = {
  name: 'generations',
  text: `SELECT id, model_id AS model, prompt, status, created_at AS "createdAt" FROM generations
    WHERE user_id = $1 ORDER BY id DESC LIMIT $2`,
};

/** Prepares the statements on all connections. Taken all at once, each of the `poolSize` calls has one of its own. */
export async function prepareOnAll(database: Database, poolSize: number): Promise<void> {
  for (const [statement, values] of [
    [selectUser, [1]],
    [selectRole, [1, 1]],
    [selectPage, [1, 1]],
  ] as const) {
    await Promise.all(Array.from({ length: poolSize }, () => database.query(statement, values)));
  }
}
