// Models, generations and the URLs of their media. Called by api.ts.

import { createHmac, randomBytes } from 'node:crypto';
import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { wallClock } from '../../src/time/clock.ts';
import { selectPage } from './statements.ts';
import type { Identity } from './tokens.ts';

export interface Model {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly credits: number;
  readonly maxPrompt: number;
}

interface GenerationRow {
  readonly id: number;
  readonly model: number;
  readonly prompt: string;
  readonly status: string;
  readonly createdAt: Date;
}

/** The owner of a generation never changes: what was read once is known. */
const mostOwners = 100_000;
const mediaLifeSec = 900;

const selectModels: Statement = {
  name: 'models',
  text: 'SELECT id, name, kind, credits, max_prompt AS "maxPrompt" FROM models ORDER BY id',
};
const selectOwner: Statement = {
  name: 'generation_team',
  text: 'SELECT team_id AS team FROM generations WHERE id = $1',
};
const insert: Statement = {
  name: 'create_generation',
  text: `INSERT INTO generations (user_id, team_id, model_id, prompt, status, run_id)
    VALUES ($1, $2, $3, $4, 'queued', 'api') RETURNING id`,
};

export interface Generations {
  readonly models: readonly Model[];
  /** The newest first. */
  list(userId: number, limit: number): Promise<readonly GenerationRow[]>;
  /** The id. Throws a 404 for a model that does not exist, a 400 for a prompt that is too long for it. */
  create(identity: Identity, model: string, prompt: string): Promise<number>;
  /** The team that a generation belongs to. Throws a 404. */
  teamOf(id: number): Promise<number>;
  /** A signed URL of its media, and when it ends to be valid. */
  mediaUrl(id: number): { readonly url: string; readonly expiresAt: string };
}

/** Reads the models, which change with a release only. */
export async function createGenerations(database: Database): Promise<Generations> {
  const models = await database.query<Model & Record<string, unknown>>(selectModels);
  const byName = new Map(models.map((model) => [model.name, model]));
  const owners = new Map<number, number>();
  const secret = randomBytes(32);

  function remember(id: number, team: number): number {
    if (owners.size >= mostOwners) {
      const [oldest] = owners.keys();
      if (oldest !== undefined) owners.delete(oldest);
    }
    owners.set(id, team);
    return team;
  }

  return {
    models,
    list: (userId, limit) =>
      database.query<GenerationRow & Record<string, unknown>>(selectPage, [userId, limit]),
    async create({ userId, teamId }, name, prompt) {
      const model = byName.get(name);
      if (model === undefined) throw new HttpError(404, 'no_such_model', `there is no model called ${name}`);
      if (prompt.length > model.maxPrompt) {
        const message = `${name} takes prompts of at most ${model.maxPrompt} characters`;
        throw new HttpError(400, 'prompt_too_long', message);
      }
      const [row] = await database.query<{ id: number }>(insert, [userId, teamId, model.id, prompt]);
      remember(row!.id, teamId);
      return row!.id;
    },
    async teamOf(id) {
      const known = owners.get(id);
      if (known !== undefined) return known;
      const [row] = await database.query<{ team: number }>(selectOwner, [id]);
      if (row === undefined) throw new HttpError(404, 'not_found', `there is no generation ${id}`);
      return remember(id, row.team);
    },
    mediaUrl(id) {
      const untilSec = Math.floor(wallClock().getTime() / 1000) + mediaLifeSec;
      const path = `/media/${id}.webp?until=${untilSec}`;
      const signature = createHmac('sha256', secret).update(path).digest('base64url');
      return {
        url: `https://media.velro.example${path}&signature=${signature}`,
        expiresAt: new Date(untilSec * 1000).toISOString(),
      };
    },
  };
}
