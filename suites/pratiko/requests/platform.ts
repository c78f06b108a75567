// How a user talks to the platform: logs in with an account of its own, and sends its token along. Called by the other
// files of this folder, and by users.ts.

import type { HttpOptions, HttpResponse, TaskContext } from 'plimsoll';
import { type Account, accountCount, accountOf } from '../accounts.ts';
import { makeDocuments } from '../documents/documents.ts';

export type Vu = TaskContext['vu'];

export const oneOf = <Item>(vu: Vu, items: readonly Item[]): Item =>
  items[Math.floor(vu.random() * items.length)]!;

/** What users wait for, apart from questions whether something is done: what response times and rates are judged on. */
export const asked = { kind: 'user' } as const;

/** `onStart`: more users than accounts share them. */
export async function logIn(context: TaskContext): Promise<void> {
  // Made before the first upload, so that no request waits for it.
  makeDocuments();
  const account = accountOf(((context.vu.id - 1) % accountCount) + 1);
  context.session.token = await tokenOf(context, account);
}

/** Throws when the login fails: nothing that follows could succeed. */
export async function tokenOf({ http }: TaskContext, { email, password }: Account): Promise<string> {
  const response = await http.post('/api/auth/login', { json: { email, password } });
  if (response.status !== 200) {
    throw new Error(`the login of ${email} failed: ${response.error?.message ?? response.status}`);
  }
  return response.json<{ token: string }>().token;
}

/** The credentials of the user that has logged in. */
export const bearer = ({ session }: TaskContext): { readonly bearer: string } => ({
  bearer: session.token as string,
});

/** A request that the user waits for; `operation` says which of the task's operations it is. */
export function ask(
  context: TaskContext,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options: HttpOptions & { readonly operation?: string } = {},
): Promise<HttpResponse> {
  const { operation, ...rest } = options;
  const tags = { ...asked, ...(operation === undefined ? {} : { operation }) };
  return context.http.request(method, path, { ...rest, auth: bearer(context), tags });
}
