// Logs a connection in: answers what the server asks for. Called by connection.ts until the server is content.

import { md5Password, Scram, scramMechanism } from './scram.ts';
import type { MessageWriter } from './wire-writer.ts';

export interface AuthenticationEvents {
  send(write: (writer: MessageWriter) => void): void;
  refused(code: string, message: string): void;
}

export class Authentication {
  readonly #user: string;
  readonly #password: string | undefined;
  readonly #events: AuthenticationEvents;
  #scram: Scram | null = null;

  constructor(user: string, password: string | undefined, events: AuthenticationEvents) {
    this.#user = user;
    this.#password = password;
    this.#events = events;
  }

  /** Takes in an Authentication message. */
  message(bytes: Buffer, from: number, to: number): void {
    const kind = bytes.readInt32BE(from);
    if (kind === 0) return;
    // Copied, since the bytes are the worker's read buffer, and a proof takes a while.
    const rest = Buffer.from(bytes.subarray(from + 4, to));
    const password = this.#password;
    if (password === undefined) {
      this.#events.refused('28P01', 'the server requires a password, and the database URL has none');
      return;
    }
    try {
      this.#answer(kind, rest, password);
    } catch (thrown) {
      this.#distrust(thrown);
    }
  }

  #answer(kind: number, rest: Buffer, password: string): void {
    switch (kind) {
      case 3:
        this.#events.send((writer) => writer.password(password));
        break;
      case 5:
        this.#events.send((writer) => writer.password(md5Password(this.#user, password, rest)));
        break;
      case 10: {
        if (!rest.toString().split('\0').includes(scramMechanism)) {
          throw new Error(`the server does not offer ${scramMechanism}`);
        }
        const scram = new Scram();
        this.#scram = scram;
        this.#events.send((writer) => writer.password(scram.first, scramMechanism));
        break;
      }
      case 11:
        this.#prove(rest.toString(), password);
        break;
      case 12:
        if (this.#scram === null)
          throw new Error('the server ended an authentication exchange that it did not begin');
        this.#scram.verify(rest.toString());
        break;
      default:
        throw new Error(`the server asks for a way to log in that is not supported (${kind})`);
    }
  }

  #prove(challenge: string, password: string): void {
    if (this.#scram === null)
      throw new Error('the server continued an authentication exchange that it did not begin');
    this.#scram.answer(challenge, password).then(
      (text) => this.#events.send((writer) => writer.saslResponse(text)),
      (thrown: unknown) => this.#distrust(thrown),
    );
  }

  #distrust(thrown: unknown): void {
    this.#events.refused('28000', thrown instanceof Error ? thrown.message : String(thrown));
  }
}
