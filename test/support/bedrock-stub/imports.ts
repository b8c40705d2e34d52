import { ServiceError } from './service-error.js';

interface Tag {
  key: string;
  value: string;
}
interface ImportRequest {
  jobName: string;
  importedModelName: string;
  roleArn: string;
  modelDataSource: { s3DataSource: { s3Uri: string } };
  clientRequestToken?: string;
  jobTags?: Tag[];
  importedModelTags?: Tag[];
}
interface Job extends ImportRequest {
  jobArn: string;
  status: 'InProgress' | 'Completed' | 'Failed';
  failureMessage?: string;
  importedModelArn?: string;
  creationTime: string;
  looks: number;
}
interface Model {
  modelArn: string;
  modelName: string;
  jobName: string;
  jobArn: string;
  creationTime: string;
  tags: Tag[];
}

const account = 'arn:aws:bedrock:us-east-1:123456789012';
const jobNames = /^[a-zA-Z0-9](-*[a-zA-Z0-9+.-])*$/;
const modelNames = /^([0-9a-zA-Z][_-]?)+$/;

/** Imports of models, each through its life. README.md says where each behaviour is written down. */
export class Imports {
  readonly jobs = new Map<string, Job>();
  readonly models = new Map<string, Model>();
  /** So many looks at a job find it in progress. */
  looksInProgress = 2;
  /** How the next jobs fail, in their order. */
  failures: string[] = [];
  /** Models that an account may have imported, jobs in progress included. */
  quota = 3;
  /** So many looks at a new job don't find it yet. */
  unknownLooks = 0;
  #number = 0;

  create(request: ImportRequest): unknown {
    const { jobName, importedModelName, clientRequestToken } = request;
    if (jobName.length > 63 || !jobNames.test(jobName)) throw invalid(`jobName ${jobName}`);
    if (importedModelName.length > 63 || !modelNames.test(importedModelName))
      throw invalid(`importedModelName ${importedModelName}`);
    if (!request.modelDataSource.s3DataSource.s3Uri.startsWith('s3://')) throw invalid('s3Uri');
    const known = this.jobs.get(jobName);
    if (known && clientRequestToken !== undefined && known.clientRequestToken === clientRequestToken)
      return { jobArn: known.jobArn };
    if (known) throw new ServiceError(400, 'ConflictException', `The job name ${jobName} is already in use.`);
    if (this.models.has(importedModelName))
      throw new ServiceError(400, 'ConflictException', `The model name ${importedModelName} is already in use.`);
    const running = [...this.jobs.values()].filter(({ status }) => status === 'InProgress').length;
    if (running + this.models.size >= this.quota)
      throw new ServiceError(
        400,
        'ServiceQuotaExceededException',
        `You have exceeded the limit of ${this.quota} imported models in this account.`,
      );
    const id = this.#id();
    const job: Job = {
      ...request,
      jobArn: `${account}:model-import-job/${id}`,
      status: 'InProgress',
      creationTime: new Date(Date.now() + this.#number).toISOString(),
      looks: 0,
    };
    this.jobs.set(jobName, job);
    return { jobArn: job.jobArn };
  }

  list({ nameContains = '' }: { nameContains?: string }): unknown {
    for (const job of this.jobs.values()) this.#advance(job);
    const found = [...this.jobs.values()].filter(
      ({ jobName, looks }) => jobName.includes(nameContains) && looks > this.unknownLooks,
    );
    return { modelImportJobSummaries: found.map(shown) };
  }

  get(identifier: string): unknown {
    const job = [...this.jobs.values()].find((one) => one.jobName === identifier || one.jobArn === identifier);
    if (!job) throw missing(`model import job ${identifier}`);
    this.#advance(job);
    return shown(job);
  }

  model(identifier: string): unknown {
    const { tags: _tags, ...model } = this.#found(identifier);
    return { ...model, modelArchitecture: 'llama', instructSupported: true };
  }

  listModels(): unknown {
    return { modelSummaries: [...this.models.values()].map(({ tags: _tags, ...model }) => model) };
  }

  remove(identifier: string): unknown {
    this.models.delete(this.#found(identifier).modelName);
    return {};
  }

  tags(arn: string): unknown {
    const model = [...this.models.values()].find(({ modelArn }) => modelArn === arn);
    const job = [...this.jobs.values()].find(({ jobArn }) => jobArn === arn);
    if (!model && !job) throw missing(arn);
    return { tags: model?.tags ?? job?.jobTags ?? [] };
  }

  /** Whether an ARN is one of a model that can be asked. */
  has(arn: string): boolean {
    return [...this.models.values()].some(({ modelArn }) => modelArn === arn);
  }

  #found(identifier: string): Model {
    const model = [...this.models.values()].find(({ modelName, modelArn }) =>
      [modelName, modelArn].includes(identifier),
    );
    if (!model) throw missing(`imported model ${identifier}`);
    return model;
  }

  #advance(job: Job): void {
    job.looks += 1;
    if (job.status !== 'InProgress' || job.looks <= this.looksInProgress) return;
    const failure = this.failures.shift();
    if (failure !== undefined) {
      Object.assign(job, { status: 'Failed', failureMessage: failure });
      return;
    }
    const modelArn = `${account}:imported-model/${this.#id()}`;
    const { jobName, jobArn, importedModelName: modelName } = job;
    this.models.set(modelName, {
      modelArn,
      modelName,
      jobName,
      jobArn,
      creationTime: job.creationTime,
      tags: job.importedModelTags ?? [],
    });
    Object.assign(job, { status: 'Completed', importedModelArn: modelArn });
  }

  #id(): string {
    this.#number += 1;
    return this.#number.toString(36).padStart(12, '0');
  }
}

const shown = ({
  looks: _looks,
  jobTags: _tags,
  importedModelTags: _modelTags,
  clientRequestToken: _token,
  ...job
}: Job): unknown => job;

const missing = (what: string): ServiceError =>
  new ServiceError(404, 'ResourceNotFoundException', `Could not find ${what}`);

const invalid = (what: string): ServiceError =>
  new ServiceError(400, 'ValidationException', `1 validation error detected: ${what} failed to satisfy constraint`);
