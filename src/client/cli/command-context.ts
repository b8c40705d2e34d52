import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { ServiceError, WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';
import type { Command } from 'commander';
import { PortError } from '../../activities/ports.js';
import { openStore } from '../../adapters/open-store.js';
import { encryptedEncoding } from '../../adapters/payload-codec/encrypting-codec.js';
import { requireKeys } from '../../adapters/payload-codec/remember-keys.js';
import { temporalPlaceOf, type TemporalPlace } from '../../adapters/temporal/temporal-place.js';
import { SettingsError } from '../../config/read-environment.js';
import { loadSettings, type Settings } from '../../config/settings.js';
import { rememberedPorts } from '../start/ports.js';
import { isPolled, requireListener } from '../start/temporal-health.js';
import { connectOptions } from '../connect-options.js';
import { NothingToDecide } from '../nothing-to-decide.js';
import { SpecificationRefused } from '../specification-file.js';
import { UnderstudyClient } from '../understudy-client.js';

/** 0 done, 1 a gate or check said no, 2 could not run. */
export type ExitCode = 0 | 1 | 2;

/** What a verb ends with: the object of --json, the text for people, the exit code. */
export interface Result {
  code: ExitCode;
  data: unknown;
  text: string;
}

export interface CommandContext {
  /** Standard output: the result, nothing else. */
  out: (text: string) => void;
  /** Standard error: progress and problems. */
  say: (line: string) => void;
  /** Standard input, line by line. */
  lines: () => AsyncIterable<string>;
  settings: () => Settings;
  /** Sets the exit code of the process. */
  exit: (code: ExitCode) => void;
}

export const processContext: CommandContext = {
  out: (text) => void process.stdout.write(text),
  say: (line) => void process.stderr.write(`${line}\n`),
  lines: () => createInterface({ input: process.stdin }),
  settings: loadSettings,
  exit: (code) => {
    process.exitCode = code;
  },
};

/** Could not run, for a reason that one sentence says. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** Adds what every verb has: `--json`, one object on stdout, exit codes, errors as messages. */
export function verb<Options extends object>({
  command,
  context,
  run,
}: {
  command: Command;
  context: CommandContext;
  run: (input: { arguments: readonly string[]; options: Options; json: boolean }) => Promise<Result>;
}): Command {
  return command.option('--json', 'print one JSON object on stdout').action(async (...given: unknown[]) => {
    const options = command.opts<Options & { json?: boolean }>();
    const json = options.json === true;
    const runSafely = async (): Promise<Result> => {
      try {
        return await run({ arguments: given.flat().filter(isText), options, json });
      } catch (error) {
        const message = errorMessage(error);
        context.say(message);
        const code =
          error instanceof SpecificationRefused || error instanceof NothingToDecide || isRefusal(error) ? 1 : 2;
        return { code, data: { error: message }, text: '' };
      }
    };
    const { code, data, text } = await runSafely();
    if (json) context.out(`${JSON.stringify(data)}\n`);
    else if (text !== '') context.out(`${text}\n`);
    context.exit(code);
  });
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** A workflow said no: the innermost cause carries its words. */
const isRefusal = (error: unknown): boolean => error instanceof Error && error.name === 'WorkflowUpdateFailedError';

/** Says only that something behind it failed. */
const passesOn = (error: Error): boolean =>
  isRefusal(error) || error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;

/** The words of an error that help: those of the workflow behind an update, or of its activity, else its own. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof SettingsError || error instanceof SpecificationRefused) return error.message;
  if (error.message.includes(`Unknown encoding: ${encryptedEncoding}`))
    return 'payloads of this deployment are encrypted: set UNDERSTUDY_PAYLOAD_KEYS as the workers have it';
  if (error instanceof WorkflowNotFoundError) return notFound(error.workflowId);
  if (error instanceof ServiceError && isGrpcServiceError(error.cause))
    return `${error.message}: ${error.cause.details}`;
  return passesOn(error) && error.cause instanceof Error ? errorMessage(error.cause) : error.message;
}

/** What a workflow that is not there means to people. */
function notFound(workflowId: string): string {
  const [kind, name] = [workflowId.slice(0, workflowId.indexOf(':')), workflowId.slice(workflowId.indexOf(':') + 1)];
  return kind === 'model'
    ? `no model ${name} is here: apply its spec first, or check its name ("understudy status" names all)`
    : `${name} has no ${kind} under way: it is not that far, has ended, or does not exist ("understudy status" says where it is)`;
}

/** Who acts, where --by is not given. */
export const currentUser = (): string => userInfo().username;

/** Where Temporal answers: what is configured, else the embedded server of this home. */
export async function temporalPlace(settings: Settings) {
  const ports = await rememberedPorts({ home: settings.home });
  return {
    ...temporalPlaceOf({ settings: settings.temporal, address: `127.0.0.1:${ports.temporal}` }),
    configured: settings.temporal.address !== null,
  };
}

/** How long an answer is awaited before it is asked whether there is a worker that could give it. */
const patienceMilliseconds = 10_000;
/** Longer than workers take to be replaced. */
const workerSeenMilliseconds = 120_000;

/** Aborts with a `CannotRun` where no answer comes because no worker is there: Temporal itself would wait for ever. */
function stopWithoutWorker(place: TemporalPlace) {
  const stopping = new AbortController();
  const timer = setTimeout(() => {
    const since = new Date(Date.now() - workerSeenMilliseconds);
    const message = `no worker answers: nobody polls the queue orchestration of ${place.address}; start one ("npm start", or "node dist/workers/main.js"), then ask again`;
    isPolled(place, { queue: 'orchestration', since }).then(
      (polled) => polled || stopping.abort(new CannotRun(message)),
      // What was asked will say itself that Temporal is away.
      () => undefined,
    );
  }, patienceMilliseconds);
  return { signal: stopping.signal, end: () => clearTimeout(timer) };
}

/**
 * Runs `work` with a client of the configured or embedded deployment.
 * @throws CannotRun when Temporal does not answer, or no worker does where the work needs one.
 */
export async function withClient<Value>(
  settings: Settings,
  work: (client: UnderstudyClient) => Promise<Value>,
  { needsWorker = true }: { needsWorker?: boolean } = {},
): Promise<Value> {
  const { configured, ...place } = await temporalPlace(settings);
  const { address } = place;
  const store = openStore({ location: settings.store });
  await requireKeys({ store, keys: settings.temporal.payloadKeys }).catch((error: unknown) => {
    // A rollback must not wait for a store that is away.
    if (error instanceof PortError) return;
    throw new CannotRun(errorMessage(error));
  });
  const connect = async (): Promise<UnderstudyClient> => {
    await requireListener(address);
    const approverToken = settings.approverToken?.reveal();
    return UnderstudyClient.connect({
      ...connectOptions(place),
      storeDirectory: settings.store,
      ...(approverToken === undefined ? {} : { approverToken }),
    });
  };
  const client = await connect().catch((error: unknown) => {
    const mend = configured ? 'check TEMPORAL_ADDRESS' : 'run "npm start" first, or set TEMPORAL_ADDRESS';
    throw new CannotRun(`Temporal at ${address} does not answer (${errorMessage(error)}); ${mend}`);
  });
  const stopping = needsWorker ? stopWithoutWorker(place) : null;
  try {
    if (!stopping) return await work(client);
    const value = await client.temporal.withAbortSignal(stopping.signal, () => work(client));
    stopping.signal.throwIfAborted();
    return value;
  } catch (error) {
    throw stopping?.signal.aborted ? stopping.signal.reason : error;
  } finally {
    stopping?.end();
    await client.close();
  }
}
