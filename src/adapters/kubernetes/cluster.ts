import { setTimeout as wait } from 'node:timers/promises';
import {
  ApiException,
  CoreV1Api,
  type KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
} from '@kubernetes/client-node';
import { PortError } from '../../activities/ports.js';
import { failureTypeOf } from '../http-failure.js';
import { managedBy, selectorOf } from './pool.js';

/** Who applies: fields that another manager owns are never taken from it. */
export const fieldManager = 'understudy';

const logLines = 20;
/** A machine that hangs takes calls and never answers: nobody waits for it any longer than this. */
const answerMilliseconds = 30_000;

/** The calls of the Kubernetes API that serving and routing need. Every failure is a `PortError`. */
export class Cluster {
  readonly #objects: KubernetesObjectApi;
  readonly #core: CoreV1Api;
  readonly #timeoutMilliseconds: number;

  constructor({
    config,
    timeoutMilliseconds = answerMilliseconds,
  }: {
    config: KubeConfig;
    timeoutMilliseconds?: number;
  }) {
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#timeoutMilliseconds = timeoutMilliseconds;
  }

  /** Server-side apply. Rejects with `InvalidInput` where another manager owns a field, naming both. */
  async apply<T extends KubernetesObject>({ object, dryRun = false }: { object: T; dryRun?: boolean }): Promise<T> {
    const what = `applying ${nameOf(object)}`;
    return this.#mapped(what, () =>
      this.#objects.patch(
        object,
        undefined,
        dryRun ? 'All' : undefined,
        fieldManager,
        false,
        PatchStrategy.ServerSideApply,
      ),
    );
  }

  /** Null where it is not there, or where the cluster knows nothing of its kind. */
  async read<T extends KubernetesObject>(object: T): Promise<T | null> {
    return this.#mapped(`reading ${nameOf(object)}`, async () => {
      try {
        return (await this.#objects.read(object as Parameters<KubernetesObjectApi['read']>[0])) as T;
      } catch (error) {
        if ((error instanceof ApiException && error.code === 404) || isUnknownKind(error)) return null;
        throw error;
      }
    });
  }

  /** Deletes what carries our labels; what is not there is no error, what is somebody else's is refused. */
  async remove(object: KubernetesObject): Promise<void> {
    const found = await this.read(object);
    if (found === null) return;
    if (!isOurs(found)) throw foreign(object);
    await this.#mapped(`deleting ${nameOf(object)}`, async () => {
      await this.#objects.delete(object, undefined, undefined, undefined, undefined, 'Background').catch((error) => {
        if (!(error instanceof ApiException && error.code === 404)) throw error;
      });
    });
  }

  async pods({ namespace, labels }: { namespace: string; labels: Readonly<Record<string, string>> }): Promise<V1Pod[]> {
    const query = { namespace, labelSelector: selectorOf(labels) };
    return (await this.#mapped('listing pods', () => this.#core.listNamespacedPod(query))).items;
  }

  async allPods(): Promise<V1Pod[]> {
    return (await this.#mapped('listing pods', () => this.#core.listPodForAllNamespaces({}))).items;
  }

  async nodes() {
    return (await this.#mapped('listing nodes', () => this.#core.listNode({}))).items;
  }

  async quotas({ namespace }: { namespace: string }) {
    return (await this.#mapped('listing quotas', () => this.#core.listNamespacedResourceQuota({ namespace }))).items;
  }

  /** Sets a condition of ours on a pod. */
  async setCondition({
    pod,
    type,
    status,
    message,
  }: {
    pod: V1Pod;
    type: string;
    status: 'True' | 'False';
    message: string;
  }): Promise<void> {
    const { name, namespace } = pod.metadata!;
    const body = { status: { conditions: [{ type, status, message }] } };
    await this.#mapped(`setting ${type} of pod ${name}`, () =>
      this.#core.patchNamespacedPodStatus(
        { name: name!, namespace: namespace!, body },
        setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
      ),
    );
  }

  /** The last lines of a pod, of its container before where that one ended; '' where there are none to be had. */
  async log({ pod, previous }: { pod: V1Pod; previous: boolean }): Promise<string> {
    const { name, namespace } = pod.metadata!;
    const query = { name: name!, namespace: namespace!, tailLines: logLines, previous };
    return this.#mapped('reading a log', () => this.#core.readNamespacedPodLog(query)).then(
      (text) => text.trimEnd(),
      () => '',
    );
  }

  async #mapped<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
    const late = new AbortController();
    const tooLate = wait(this.#timeoutMilliseconds, null, { signal: late.signal, ref: false }).then(() => {
      throw new PortError('Timeout', `${what}: no answer of the API server in ${this.#timeoutMilliseconds} ms`);
    });
    try {
      return await Promise.race([call(), tooLate]);
    } catch (error) {
      throw failureOf({ what, error });
    } finally {
      late.abort();
    }
  }
}

/** Whether an object carries our labels. */
export const isOurs = ({ metadata }: KubernetesObject): boolean =>
  Object.entries(managedBy).every(([label, value]) => metadata?.labels?.[label] === value);

/** The refusal to touch an object of that name. */
export const foreign = (object: KubernetesObject): PortError =>
  new PortError('InvalidInput', `${nameOf(object)}: is somebody else's, without our labels, and left alone`);

const nameOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind ?? 'object'} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

/** What the client says of a kind that the API server lists nowhere. */
const isUnknownKind = (error: unknown): boolean =>
  error instanceof Error &&
  (/^Unrecognized API version and kind/.test(error.message) ||
    (/^Failed to fetch resource metadata/.test(error.message) && error instanceof ApiException && error.code === 404));

function failureOf({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof PortError) return error;
  if (isUnknownKind(error))
    return new PortError('InvalidInput', `${what}: the cluster knows no such kind; install what defines it`);
  if (!(error instanceof ApiException))
    return new PortError('Unavailable', `${what}: ${error instanceof Error ? error.message : String(error)}`, null, {
      cause: error,
    });
  const said = saidBy(error.body);
  if (error.code === 409 && /conflict/i.test(said))
    return new PortError(
      'InvalidInput',
      `${what}: another manager owns a field of it (${said}); undo that change, or name the field in its own settings`,
    );
  return new PortError(failureTypeOf(error.code), `${what}: HTTP ${error.code}: ${said}`, null, { cause: error });
}

function saidBy(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(body);
  try {
    const { message } = JSON.parse(body) as { message?: string };
    return message ?? body;
  } catch {
    return body;
  }
}
