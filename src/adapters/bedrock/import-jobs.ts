import {
  CreateModelImportJobCommand,
  DeleteImportedModelCommand,
  GetImportedModelCommand,
  GetModelImportJobCommand,
  ListTagsForResourceCommand,
  paginateListImportedModels,
  paginateListModelImportJobs,
  type BedrockClient,
} from '@aws-sdk/client-bedrock';
import { PortError } from '../../activities/ports.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';

/** Says of an import and of its model which release they are of. */
const releaseTag = 'understudy:release';

export interface ImportSettings {
  client: BedrockClient;
  /** The role under which Bedrock reads the weights. */
  roleArn: string;
  kmsKey: string | null;
  subnets: readonly string[];
  securityGroups: readonly string[];
  tags: Readonly<Record<string, string>>;
}

export interface ImportAttempt {
  jobName: string;
  number: number;
  state: 'inProgress' | 'completed' | 'failed';
}

export interface ImportedModel {
  modelArn: string;
  /** Whether it can be asked by Converse: its tokenizer has a chat template. */
  canConverse: boolean;
}

const states = { InProgress: 'inProgress', Completed: 'completed', Failed: 'failed' } as const;

/**
 * Imports of weights into Bedrock (Amazon Bedrock API Reference, CreateModelImportJob). An import job can't be stopped or
 * removed, and its name is taken for good: the next attempt at the same model has the next number.
 */
export class ImportJobs {
  readonly #settings: ImportSettings;
  /** Owners never change, and every look would ask for them again. */
  readonly #ours = new Set<string>();

  constructor(settings: ImportSettings) {
    this.#settings = settings;
  }

  /**
   * The model of a name; null where none stands.
   * @throws PortError `InvalidInput` where it is not of this release
   */
  async model({ name, releaseId }: { name: string; releaseId: string }): Promise<ImportedModel | null> {
    const what = `imported model ${name}`;
    try {
      const found = await this.#settings.client.send(new GetImportedModelCommand({ modelIdentifier: name }));
      await this.#requireOwner({ what, arn: found.modelArn!, releaseId });
      return { modelArn: found.modelArn!, canConverse: found.instructSupported !== false };
    } catch (error) {
      if (awsErrorOf(error).name === 'ResourceNotFoundException') return null;
      throw awsFailure({ what, error });
    }
  }

  /** All attempts at a model, the last one last. */
  async attempts({ name }: { name: string }): Promise<ImportAttempt[]> {
    const { client } = this.#settings;
    const found: ImportAttempt[] = [];
    try {
      for await (const page of paginateListModelImportJobs({ client }, { nameContains: name }))
        for (const { jobName = '', status } of page.modelImportJobSummaries ?? []) {
          const number = Number(jobName.slice(name.length + 1));
          if (jobName === attemptName({ name, number })) found.push({ jobName, number, state: states[status!] });
        }
    } catch (error) {
      throw awsFailure({ what: `import jobs of ${name}`, error });
    }
    return found.sort((one, other) => one.number - other.number);
  }

  /** Why an attempt failed, in Bedrock's words. */
  async failure({ jobName }: ImportAttempt): Promise<string> {
    try {
      const { failureMessage } = await this.#settings.client.send(
        new GetModelImportJobCommand({ jobIdentifier: jobName }),
      );
      return failureMessage ?? 'Bedrock gives no reason';
    } catch (error) {
      throw awsFailure({ what: `import job ${jobName}`, error });
    }
  }

  /**
   * Get or create: the same number never begins twice.
   * @throws PortError `InvalidInput` where somebody else has the name
   */
  async create(input: { name: string; number: number; releaseId: string; uri: string }): Promise<void> {
    const { name, number, releaseId, uri } = input;
    const { client, roleArn, kmsKey, subnets, securityGroups, tags: own } = this.#settings;
    const jobName = attemptName({ name, number });
    const tags = Object.entries({ ...own, [releaseTag]: releaseId }).map(([key, value]) => ({ key, value }));
    const command = new CreateModelImportJobCommand({
      jobName,
      importedModelName: name,
      clientRequestToken: jobName,
      roleArn,
      modelDataSource: { s3DataSource: { s3Uri: uri } },
      jobTags: tags,
      importedModelTags: tags,
      ...(kmsKey !== null && { importedModelKmsKeyId: kmsKey }),
      ...(subnets.length > 0 && { vpcConfig: { subnetIds: [...subnets], securityGroupIds: [...securityGroups] } }),
    });
    try {
      await client.send(command);
    } catch (error) {
      if (awsErrorOf(error).name !== 'ConflictException') throw awsFailure({ what: `import job ${jobName}`, error });
      await this.#requireOwnJob({ jobName, releaseId });
    }
  }

  /** Removing what is not there is no error. */
  async remove({ name }: { name: string }): Promise<void> {
    try {
      await this.#settings.client.send(new DeleteImportedModelCommand({ modelIdentifier: name }));
    } catch (error) {
      if (awsErrorOf(error).name !== 'ResourceNotFoundException')
        throw awsFailure({ what: `imported model ${name}`, error });
    }
  }

  /** Models of the account and region, whoever imported them. */
  async count(): Promise<number> {
    const { client } = this.#settings;
    let models = 0;
    try {
      for await (const page of paginateListImportedModels({ client }, {})) models += page.modelSummaries?.length ?? 0;
    } catch (error) {
      throw awsFailure({ what: 'imported models', error });
    }
    return models;
  }

  /** The job may not be there: then the model's name is taken, and the next look finds whose it is. */
  async #requireOwnJob({ jobName, releaseId }: { jobName: string; releaseId: string }): Promise<void> {
    try {
      const { jobArn } = await this.#settings.client.send(new GetModelImportJobCommand({ jobIdentifier: jobName }));
      await this.#requireOwner({ what: `import job ${jobName}`, arn: jobArn!, releaseId });
    } catch (error) {
      if (awsErrorOf(error).name === 'ResourceNotFoundException') return;
      throw awsFailure({ what: `import job ${jobName}`, error });
    }
  }

  async #requireOwner({ what, arn, releaseId }: { what: string; arn: string; releaseId: string }): Promise<void> {
    if (this.#ours.has(`${arn} ${releaseId}`)) return;
    const { tags } = await this.#settings.client.send(new ListTagsForResourceCommand({ resourceARN: arn }));
    const owner = tags?.find(({ key }) => key === releaseTag)?.value;
    if (owner !== releaseId)
      throw new PortError(
        'InvalidInput',
        `${what}: belongs to somebody else (its tag ${releaseTag} is ${owner ?? 'missing'}, expected ${releaseId}); remove it, or rename the model`,
      );
    this.#ours.add(`${arn} ${releaseId}`);
  }
}

const attemptName = ({ name, number }: { name: string; number: number }): string => `${name}-${number}`;
