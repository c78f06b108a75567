import { expect, test } from 'vitest';
import type { OpenProtocol, UserClient } from './protocol.ts';
import { firstUseOf, UserClients } from './user-clients.ts';

const user = {} as Parameters<OpenProtocol['connect']>[0];

/** A protocol that notes what happens to its clients. */
function noting(name: string, events: string[], held?: { listens: boolean }): OpenProtocol {
  return {
    ...(held !== undefined && { atFirstUse: true }),
    connect(_user, earlier): UserClient {
      events.push(`${name} made after ${earlier.filter((one) => one !== null).length}`);
      return {
        client: { connect: (...given: unknown[]) => [name, ...given] },
        ...(held !== undefined && { listens: held.listens }),
        close: (cause) => events.push(`${name} closed${cause === undefined ? '' : `: ${cause.code}`}`),
      };
    },
    close: () => Promise.resolve(),
  };
}

test('what few users need is made at its first use, once, and closed with the user', () => {
  const events: string[] = [];
  const protocols = [noting('http', events), noting('ws', events, { listens: true }), noting('sql', events)];
  const clients = new UserClients(protocols, user);
  expect(events).toEqual(['http made after 0', 'sql made after 1']);
  expect(clients.listens).toBe(false);
  const connect = firstUseOf(1).bind(clients) as (...given: unknown[]) => unknown;
  expect(connect('/feed', 1)).toEqual(['ws', '/feed', 1]);
  expect(connect('/news')).toEqual(['ws', '/news']);
  expect(clients.listens).toBe(true);
  expect(events.slice(2)).toEqual(['ws made after 2']);
  clients.close({ code: 'iteration_timeout', message: 'too long' });
  expect(events.slice(3)).toEqual([
    'sql closed: iteration_timeout',
    'ws closed: iteration_timeout',
    'http closed: iteration_timeout',
  ]);
});

test('a client that a user first uses after its end is closed at once; one that was never used is never made', () => {
  const events: string[] = [];
  const late = new UserClients([noting('ws', events, { listens: true })], user);
  late.close();
  expect(events).toEqual([]);
  (firstUseOf(0).bind(late) as () => unknown)();
  expect(events).toEqual(['ws made after 0', 'ws closed']);
});
