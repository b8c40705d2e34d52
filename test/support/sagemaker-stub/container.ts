import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CreateTrainingJobRequest, type Channel } from '@aws-sdk/client-sagemaker';
import { c as create } from 'tar';
import type { Bucket } from './bucket.js';

export interface ContainerEnd {
  code: number | null;
  /** What the container wrote to output/failure. */
  failure: string | null;
}

/**
 * What SageMaker does around a training container: it fills /opt/ml (here a folder of its own) from S3, runs the entry
 * point, keeps the checkpoints in S3 and packs the model. The entry point is the real one, run without an image.
 */
export class Container {
  readonly #request: CreateTrainingJobRequest;
  readonly #bucket: Bucket;
  readonly #command: readonly string[];
  #root = '';
  #process: ChildProcess | null = null;

  constructor({
    request,
    bucket,
    command,
  }: {
    request: CreateTrainingJobRequest;
    bucket: Bucket;
    command: readonly string[];
  }) {
    this.#request = request;
    this.#bucket = bucket;
    this.#command = command;
  }

  async download(): Promise<void> {
    this.#root = await mkdtemp(join(tmpdir(), 'sagemaker-stub-'));
    const config = join(this.#root, 'input', 'config');
    await Promise.all([mkdir(config, { recursive: true }), mkdir(join(this.#root, 'model'), { recursive: true })]);
    await writeFile(join(config, 'hyperparameters.json'), JSON.stringify(this.#request.HyperParameters ?? {}));
    for (const channel of this.#request.InputDataConfig ?? []) await this.#fill(channel);
    const checkpoints = this.#request.CheckpointConfig?.S3Uri;
    if (checkpoints) await this.#bucket.download({ uri: checkpoints, folder: join(this.#root, 'checkpoints') });
  }

  /** Runs to the end; every line of output is given to `onLine`. */
  async run({ onLine }: { onLine: (line: string) => void }): Promise<ContainerEnd> {
    const [program, ...rest] = this.#command;
    const environment = { ...process.env, SAGEMAKER_BASE_DIR: this.#root, OMP_NUM_THREADS: '1' };
    this.#process = spawn(program!, rest, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const child = this.#process;
    for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', onLine);
    const [code] = (await once(child, 'close')) as [number | null];
    const failure = await readFile(join(this.#root, 'output', 'failure'), 'utf8').catch(() => null);
    return { code, failure };
  }

  /** SIGTERM, as SageMaker sends it 120 s before SIGKILL when a job is stopped or its spot instance is taken away. */
  terminate(): void {
    this.#process?.kill('SIGTERM');
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }

  async keepCheckpoints(): Promise<void> {
    const uri = this.#request.CheckpointConfig?.S3Uri;
    if (uri) await this.#bucket.upload({ uri, folder: join(this.#root, 'checkpoints') });
  }

  /** Packs model/ into the job's model.tar.gz; returns its address. */
  async upload(): Promise<string> {
    const uri = `${this.#request.OutputDataConfig!.S3OutputPath!.replace(/\/$/, '')}/${this.#request.TrainingJobName!}/output/model.tar.gz`;
    const file = join(this.#root, 'model.tar.gz');
    await create({ gzip: true, file, cwd: join(this.#root, 'model') }, ['.']);
    await this.#bucket.put({ uri, file });
    return uri;
  }

  async remove(): Promise<void> {
    if (this.#root !== '') await rm(this.#root, { recursive: true, force: true });
  }

  async #fill({ ChannelName, DataSource }: Channel): Promise<void> {
    const uri = DataSource!.S3DataSource!.S3Uri!;
    await this.#bucket.download({ uri, folder: join(this.#root, 'input', 'data', ChannelName!) });
  }
}
