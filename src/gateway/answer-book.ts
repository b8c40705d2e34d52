import { LRUCache } from 'lru-cache';
import { decodeAnswerId, type Attribution } from './answer-id.js';

const remembered = 100_000;

/**
 * Finds where feedback belongs and counts each statement once. Ids carry their attribution, so this book only has to
 * remember the latest answer of a session and what has been said already.
 */
export class AnswerBook {
  private readonly sessions = new LRUCache<string, Attribution>({ max: remembered });
  private readonly said = new LRUCache<string, true>({ max: remembered });

  constructor(private readonly saltOf: (model: string) => string | null) {}

  remember({ keyId, session, attribution }: { keyId: string; session: string; attribution: Attribution }): void {
    this.sessions.set(sessionKey({ keyId, session }), attribution);
  }

  /** Null when the id is not of this system. */
  byId(id: string): Attribution | null {
    return decodeAnswerId({ id, saltOf: this.saltOf });
  }

  /** The session's latest answer; null when this gateway gave none. */
  bySession(input: { keyId: string; session: string }): Attribution | null {
    return this.sessions.get(sessionKey(input)) ?? null;
  }

  /** True the first time this is said of an answer: a repeated call is the same statement, not a second one. */
  first({ about, statement }: { about: string; statement: string }): boolean {
    const key = `${statement}\0${about}`;
    if (this.said.has(key)) return false;
    this.said.set(key, true);
    return true;
  }
}

const sessionKey = ({ keyId, session }: { keyId: string; session: string }): string => `${keyId}\0${session}`;
