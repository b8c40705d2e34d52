import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  type CreateModelInput,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  type DescribeEndpointOutput,
  DescribeEndpointConfigCommand,
  ListTagsCommand,
  paginateListEndpointConfigs,
  type SageMakerClient,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { PortError } from '../../activities/ports.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { configMark, type EndpointPlan, modelTag } from './endpoint-plan.js';

/** An endpoint that changes takes minutes. */
const busyMilliseconds = 15_000;

/** The calls that hosting on an endpoint needs. Every failure is a `PortError`; get or create, and gone is gone. */
export class Endpoints {
  readonly #client: SageMakerClient;

  constructor({ client }: { client: SageMakerClient }) {
    this.#client = client;
  }

  /** Null where there is none. */
  async find(endpoint: string): Promise<DescribeEndpointOutput | null> {
    return this.#nullIfMissing(`looking at endpoint ${endpoint}`, () =>
      this.#client.send(new DescribeEndpointCommand({ EndpointName: endpoint })),
    );
  }

  /** Rejects where an endpoint of this name is not the model's. */
  async checkOwner({ found, model }: { found: DescribeEndpointOutput; model: string }): Promise<void> {
    const what = `reading the tags of endpoint ${found.EndpointName}`;
    const { Tags } = await this.#mapped(what, () =>
      this.#client.send(new ListTagsCommand({ ResourceArn: found.EndpointArn })),
    );
    const owner = Tags?.find(({ Key }) => Key === modelTag)?.Value;
    if (owner !== model)
      throw new PortError(
        'InvalidInput',
        `endpoint ${found.EndpointName}: belongs to somebody else (its tag ${modelTag} is ${owner ?? 'missing'}); rename the model`,
      );
  }

  async create(plan: EndpointPlan): Promise<void> {
    await this.#parts(plan);
    const request = {
      EndpointName: plan.endpoint,
      EndpointConfigName: plan.config.EndpointConfigName,
      Tags: plan.tags,
    };
    await this.#unlessThere(`creating endpoint ${plan.endpoint}`, () =>
      this.#client.send(new CreateEndpointCommand(request)),
    );
  }

  /** Instances and weights of variants that stay are kept; SageMaker takes nothing back by itself, as our guards decide. */
  async update(plan: EndpointPlan): Promise<void> {
    await this.#parts(plan);
    const { endpoint: EndpointName, config } = plan;
    const { EndpointConfigName } = config;
    await this.#mapped(`updating endpoint ${EndpointName}`, () =>
      this.#client.send(
        new UpdateEndpointCommand({ EndpointName, EndpointConfigName, RetainAllVariantProperties: true }),
      ),
    );
  }

  async weigh({ endpoint, weights }: { endpoint: string; weights: ReadonlyMap<string, number> }): Promise<void> {
    const DesiredWeightsAndCapacities = [...weights].map(([VariantName, DesiredWeight]) => ({
      VariantName,
      DesiredWeight,
    }));
    await this.#mapped(`setting the weights of endpoint ${endpoint}`, () =>
      this.#client.send(
        new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: endpoint, DesiredWeightsAndCapacities }),
      ),
    );
  }

  async remove(EndpointName: string): Promise<void> {
    await this.#nullIfMissing(`deleting endpoint ${EndpointName}`, () =>
      this.#client.send(new DeleteEndpointCommand({ EndpointName })),
    );
  }

  /**
   * Removes an endpoint with its scaling, and all that was made for it, also where the endpoint itself was never made.
   * `variants` are those that are scaled.
   */
  async removeWhole({
    endpoint,
    variants,
    endScaling,
  }: {
    endpoint: string;
    variants: readonly string[];
    endScaling: (variant: { endpoint: string; name: string }) => Promise<void>;
  }): Promise<void> {
    const configs = await this.configsOf({ endpoint });
    const models = (await Promise.all(configs.map((config) => this.modelsOf(config)))).flat();
    for (const name of variants) await endScaling({ endpoint, name });
    await this.remove(endpoint);
    for (const config of configs) await this.removeConfig(config);
    for (const name of new Set(models)) await this.removeModel(name);
  }

  async createModel(model: CreateModelInput): Promise<void> {
    await this.#unlessThere(`creating model ${model.ModelName}`, () =>
      this.#client.send(new CreateModelCommand(model)),
    );
  }

  async removeConfig(EndpointConfigName: string): Promise<void> {
    await this.#nullIfMissing(`deleting configuration ${EndpointConfigName}`, () =>
      this.#client.send(new DeleteEndpointConfigCommand({ EndpointConfigName })),
    );
  }

  async removeModel(ModelName: string): Promise<void> {
    await this.#nullIfMissing(`deleting model ${ModelName}`, () =>
      this.#client.send(new DeleteModelCommand({ ModelName })),
    );
  }

  /** The names of the models behind the variants of a configuration. */
  async modelsOf(EndpointConfigName: string): Promise<string[]> {
    const found = await this.#nullIfMissing(`looking at configuration ${EndpointConfigName}`, () =>
      this.#client.send(new DescribeEndpointConfigCommand({ EndpointConfigName })),
    );
    return (found?.ProductionVariants ?? []).flatMap(({ ModelName }) => ModelName ?? []);
  }

  /** The names of an endpoint's configurations, of now and of before. */
  async configsOf({ endpoint }: Pick<EndpointPlan, 'endpoint'>): Promise<string[]> {
    const mark = configMark(endpoint);
    return this.#mapped(`listing the configurations of ${endpoint}`, async () => {
      const names: string[] = [];
      const pages = paginateListEndpointConfigs({ client: this.#client }, { NameContains: mark });
      for await (const { EndpointConfigs } of pages)
        names.push(...(EndpointConfigs ?? []).flatMap(({ EndpointConfigName }) => EndpointConfigName ?? []));
      return names;
    });
  }

  async #parts({ config, models }: EndpointPlan): Promise<void> {
    for (const model of models) await this.createModel(model);
    await this.#unlessThere(`creating configuration ${config.EndpointConfigName}`, () =>
      this.#client.send(new CreateEndpointConfigCommand(config)),
    );
  }

  async #unlessThere(what: string, call: () => Promise<unknown>): Promise<void> {
    await this.#mapped(what, async () => {
      try {
        await call();
      } catch (error) {
        if (!says(error, /already existing/i)) throw error;
      }
    });
  }

  async #nullIfMissing<Value>(what: string, call: () => Promise<Value>): Promise<Value | null> {
    return this.#mapped(what, async () => {
      try {
        return await call();
      } catch (error) {
        if (says(error, /could not find/i)) return null;
        throw error;
      }
    });
  }

  async #mapped<Value>(what: string, call: () => Promise<Value>): Promise<Value> {
    try {
      return await call();
    } catch (error) {
      if (says(error, /in-progress/i))
        throw new PortError('Unavailable', `${what}: ${(error as Error).message}`, busyMilliseconds, { cause: error });
      throw awsFailure({ what, error });
    }
  }
}

/** SageMaker has one name for all that is wrong with a request to host, and tells the kinds apart by its words. */
const says = (error: unknown, words: RegExp): boolean =>
  awsErrorOf(error).name === 'ValidationException' && words.test((error as Error).message);
