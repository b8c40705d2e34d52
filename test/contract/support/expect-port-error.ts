import { expect } from 'chai';
import { type FailureType, PortError } from '../../../src/activities/ports.js';

/** Expects a rejection with a `PortError` of the type, whose message holds every text; returns the error. */
export async function expectPortError(
  promise: Promise<unknown>,
  type: FailureType,
  ...texts: string[]
): Promise<PortError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PortError)) throw new Error(`expected a PortError ${type}, got ${String(error)}`);
  expect(error.type, error.message).to.equal(type);
  for (const text of texts) expect(error.message).to.include(text);
  return error;
}
