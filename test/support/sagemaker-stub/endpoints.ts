import { setTimeout as wait } from 'node:timers/promises';
import type { CreateEndpointConfigInput, CreateModelInput } from '@aws-sdk/client-sagemaker';
import { keyRefusals, ServiceError } from './service-error.js';

interface Variant {
  VariantName: string;
  CurrentWeight: number;
  DesiredWeight: number;
  CurrentInstanceCount: number;
  DesiredInstanceCount: number;
}

interface Endpoint {
  EndpointName: string;
  EndpointArn: string;
  EndpointConfigName: string;
  EndpointStatus: 'Creating' | 'InService' | 'Updating' | 'Deleting' | 'Failed';
  FailureReason?: string;
  ProductionVariants: Variant[];
}

interface Tag {
  Key: string;
  Value: string;
}
interface Weight {
  VariantName: string;
  DesiredWeight: number;
}

const arnOf = (kind: string, name: string): string => `arn:aws:sagemaker:us-east-1:123456789012:${kind}/${name}`;
const changeMilliseconds = 60;
const nameOfAnything = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** Models, configurations and endpoints with the life that SageMaker gives them; README.md says where it is written. */
export class HostedEndpoints {
  /** What the next endpoint that is made or changed fails with; null for nothing. */
  failsNext: string | null = null;
  readonly models = new Map<string, CreateModelInput>();
  readonly configs = new Map<string, CreateEndpointConfigInput>();
  readonly endpoints = new Map<string, Endpoint>();
  /** Variants that are scaled, as `endpoint/<name>/variant/<name>`. */
  readonly scaled = new Map<string, { least: number; most: number; target: number | null; fromNone?: true }>();
  readonly #tags = new Map<string, Tag[]>();
  readonly #changes: Promise<void>[] = [];
  #asked = 0;

  createModel(model: CreateModelInput): object {
    return this.#create({ kind: 'model', name: model.ModelName!, into: this.models, value: model });
  }

  deleteModel({ ModelName }: { ModelName: string }): object {
    return this.#delete({ kind: 'model', name: ModelName, from: this.models });
  }

  createConfig(config: CreateEndpointConfigInput): object {
    for (const { ModelName, InstanceType: type } of config.ProductionVariants ?? []) {
      if (!this.models.has(ModelName!)) throw missing('model', ModelName!);
      const [problem] = keyRefusals({ key: config.KmsKeyId, type });
      if (problem) throw new ServiceError('ValidationException', problem);
    }
    return this.#create({
      kind: 'endpoint-config',
      name: config.EndpointConfigName!,
      into: this.configs,
      value: config,
    });
  }

  describeConfig({ EndpointConfigName: name }: { EndpointConfigName: string }): object {
    return this.configs.get(name) ?? refuse(missing('endpoint configuration', name));
  }

  listConfigs({ NameContains = '' }: { NameContains?: string }): object {
    const names = [...this.configs.keys()].filter((name) => name.includes(NameContains));
    return { EndpointConfigs: names.map((EndpointConfigName) => ({ EndpointConfigName })) };
  }

  deleteConfig({ EndpointConfigName: name }: { EndpointConfigName: string }): object {
    return this.#delete({ kind: 'endpoint configuration', name, from: this.configs });
  }

  createEndpoint(input: { EndpointName: string; EndpointConfigName: string; Tags?: Tag[] }): object {
    const { EndpointName, EndpointConfigName } = input;
    if (!this.configs.has(EndpointConfigName)) throw missing('endpoint configuration', EndpointConfigName);
    const EndpointArn = arnOf('endpoint', EndpointName);
    const endpoint: Endpoint = {
      ...{ EndpointName, EndpointArn, EndpointConfigName },
      ...{ EndpointStatus: 'Creating', ProductionVariants: [] },
    };
    this.#create({ kind: 'endpoint', name: EndpointName, into: this.endpoints, value: endpoint });
    this.#tags.set(EndpointArn, input.Tags ?? []);
    this.#change({ endpoint, done: () => (endpoint.ProductionVariants = this.#variantsOf(EndpointConfigName, [])) });
    return { EndpointArn };
  }

  describeEndpoint({ EndpointName }: { EndpointName: string }): Endpoint {
    return this.endpoints.get(EndpointName) ?? refuse(missing('endpoint', EndpointName));
  }

  updateEndpoint(input: {
    EndpointName: string;
    EndpointConfigName: string;
    RetainAllVariantProperties?: boolean;
  }): object {
    const endpoint = this.#inService(input.EndpointName);
    const wanted = this.configs.get(input.EndpointConfigName);
    if (!wanted) throw missing('endpoint configuration', input.EndpointConfigName);
    const stays = new Set(wanted.ProductionVariants!.map(({ VariantName }) => VariantName));
    for (const { VariantName } of endpoint.ProductionVariants)
      if (!stays.has(VariantName) && this.scaled.has(`endpoint/${input.EndpointName}/variant/${VariantName}`))
        throw new ServiceError('ValidationException', `variant ${VariantName} is a target for automatic scaling`);
    endpoint.EndpointStatus = 'Updating';
    const kept = input.RetainAllVariantProperties ? endpoint.ProductionVariants : [];
    this.#change({
      endpoint,
      done: () => {
        endpoint.ProductionVariants = this.#variantsOf(input.EndpointConfigName, kept);
        endpoint.EndpointConfigName = input.EndpointConfigName;
      },
    });
    return { EndpointArn: endpoint.EndpointArn };
  }

  weigh(input: { EndpointName: string; DesiredWeightsAndCapacities: Weight[] }): object {
    const endpoint = this.#inService(input.EndpointName);
    endpoint.EndpointStatus = 'Updating';
    this.#change({
      endpoint,
      done: () => {
        for (const { VariantName, DesiredWeight } of input.DesiredWeightsAndCapacities) {
          const variant = endpoint.ProductionVariants.find((one) => one.VariantName === VariantName);
          // A double goes through a single on its way.
          if (variant) variant.CurrentWeight = variant.DesiredWeight = Math.fround(DesiredWeight);
        }
      },
    });
    return { EndpointArn: endpoint.EndpointArn };
  }

  deleteEndpoint({ EndpointName }: { EndpointName: string }): object {
    const endpoint = this.describeEndpoint({ EndpointName });
    if (!['InService', 'Failed'].includes(endpoint.EndpointStatus)) throw inProgress(endpoint);
    this.endpoints.delete(EndpointName);
    return {};
  }

  tags({ ResourceArn }: { ResourceArn: string }): { Tags: Tag[] } | null {
    const Tags = this.#tags.get(ResourceArn);
    return Tags ? { Tags } : null;
  }

  register({
    ResourceId,
    MinCapacity,
    MaxCapacity,
  }: {
    ResourceId: string;
    MinCapacity: number;
    MaxCapacity: number;
  }): object {
    const [, endpoint = '', , name] = ResourceId.split('/');
    const variants = this.endpoints.get(endpoint)?.ProductionVariants ?? [];
    if (!variants.some(({ VariantName }) => VariantName === name))
      throw new ServiceError('ValidationException', `Could not find variant ${ResourceId}`);
    if (MinCapacity === 0 && this.asyncPaths(endpoint) === null)
      throw new ServiceError('ValidationException', 'Minimum capacity must be at least 1 for this scalable target');
    const before = this.scaled.get(ResourceId);
    this.scaled.set(ResourceId, { target: null, ...before, least: MinCapacity, most: MaxCapacity });
    return {};
  }

  putPolicy(input: {
    ResourceId: string;
    PolicyName: string;
    TargetTrackingScalingPolicyConfiguration?: { TargetValue: number };
  }): object {
    const scaled = this.scaled.get(input.ResourceId);
    if (!scaled)
      throw new ServiceError('ObjectNotFoundException', `No scalable target registered for ${input.ResourceId}`);
    const tracking = input.TargetTrackingScalingPolicyConfiguration;
    if (tracking) scaled.target = tracking.TargetValue;
    else scaled.fromNone = true;
    return { PolicyARN: `${arnOf('scalingPolicy', input.ResourceId)}:policyName/${input.PolicyName}`, Alarms: [] };
  }

  deregister({ ResourceId }: { ResourceId: string }): object {
    if (!this.scaled.delete(ResourceId))
      throw new ServiceError('ObjectNotFoundException', `No scalable target registered for ${ResourceId}`);
    return {};
  }

  /** The variant that takes a request: the one that is named, else one by the weights, evenly spread. */
  variantFor({ endpoint: name, named }: { endpoint: string; named: string | null }): string {
    const endpoint = this.endpoints.get(name);
    if (!endpoint || endpoint.EndpointStatus === 'Creating' || endpoint.EndpointStatus === 'Failed')
      throw new ServiceError('ValidationError', `Endpoint ${name} of account 123456789012 not found.`);
    const variants = endpoint.ProductionVariants;
    if (named !== null) {
      if (variants.some(({ VariantName }) => VariantName === named)) return named;
      throw new ServiceError('ValidationError', `Variant ${named} not found for Request`);
    }
    const whole = variants.reduce((sum, { CurrentWeight }) => sum + CurrentWeight, 0);
    this.#asked += 1;
    let at = ((this.#asked * 0.618034) % 1) * whole;
    for (const { VariantName, CurrentWeight } of variants) {
      at -= CurrentWeight;
      if (at < 0) return VariantName;
    }
    throw new ServiceError('ValidationError', `Endpoint ${name} sends nothing anywhere`);
  }

  /** Where an asynchronous endpoint lays its answers down; null for one that answers at once. */
  asyncPaths(name: string): { output: string; failure: string | null } | null {
    const endpoint = this.endpoints.get(name);
    if (!endpoint) throw new ServiceError('ValidationError', `Endpoint ${name} of account 123456789012 not found.`);
    const output = this.configs.get(endpoint.EndpointConfigName)?.AsyncInferenceConfig?.OutputConfig;
    return output ? { output: output.S3OutputPath!, failure: output.S3FailurePath ?? null } : null;
  }

  /** The variant that takes what waits; from no instance a policy of steps brings the first. Null where none does. */
  async instanceFor(name: string): Promise<string | null> {
    const [variant] = this.endpoints.get(name)?.ProductionVariants ?? [];
    if (!variant) return null;
    if (variant.CurrentInstanceCount > 0) return variant.VariantName;
    if (!this.scaled.get(`endpoint/${name}/variant/${variant.VariantName}`)?.fromNone) return null;
    await wait(changeMilliseconds);
    variant.CurrentInstanceCount = variant.DesiredInstanceCount = 1;
    return variant.VariantName;
  }

  /** What a quiet while does to an endpoint that is scaled. */
  quieten(name: string): void {
    for (const variant of this.endpoints.get(name)?.ProductionVariants ?? []) {
      const scaled = this.scaled.get(`endpoint/${name}/variant/${variant.VariantName}`);
      if (scaled) variant.CurrentInstanceCount = variant.DesiredInstanceCount = scaled.least;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#changes);
  }

  #variantsOf(config: string, kept: readonly Variant[]): Variant[] {
    return this.configs.get(config)!.ProductionVariants!.map((variant) => {
      const before = kept.find(({ VariantName }) => VariantName === variant.VariantName);
      if (before) return before;
      const [weight, count] = [variant.InitialVariantWeight ?? 1, variant.InitialInstanceCount ?? 1];
      return {
        VariantName: variant.VariantName!,
        ...{ CurrentWeight: weight, DesiredWeight: weight, CurrentInstanceCount: count, DesiredInstanceCount: count },
      };
    });
  }

  /** Takes its time; what fails while it is made is Failed, what fails while it is changed stays as it was. */
  #change({ endpoint, done }: { endpoint: Endpoint; done: () => void }): void {
    const failure = this.failsNext;
    this.failsNext = null;
    const creating = endpoint.EndpointStatus === 'Creating';
    this.#changes.push(
      wait(changeMilliseconds).then(() => {
        if (failure === null) done();
        else endpoint.FailureReason = failure;
        endpoint.EndpointStatus = failure !== null && creating ? 'Failed' : 'InService';
      }),
    );
  }

  #inService(name: string): Endpoint {
    const endpoint = this.describeEndpoint({ EndpointName: name });
    if (endpoint.EndpointStatus !== 'InService') throw inProgress(endpoint);
    return endpoint;
  }

  #create<Value>(input: { kind: string; name: string; into: Map<string, Value>; value: Value }): object {
    const { kind, name, into, value } = input;
    if (!nameOfAnything.test(name))
      throw new ServiceError('ValidationException', `Value '${name}' failed to satisfy constraint`);
    if (into.has(name))
      throw new ServiceError('ValidationException', `Cannot create already existing ${kind} "${arnOf(kind, name)}".`);
    into.set(name, value);
    return {};
  }

  #delete({ kind, name, from }: { kind: string; name: string; from: Map<string, unknown> }): object {
    if (!from.delete(name)) throw missing(kind, name);
    return {};
  }
}

const missing = (kind: string, name: string): ServiceError =>
  new ServiceError('ValidationException', `Could not find ${kind} "${arnOf(kind, name)}".`);

const inProgress = ({ EndpointArn }: Endpoint): ServiceError =>
  new ServiceError('ValidationException', `Cannot update in-progress endpoint "${EndpointArn}".`);

function refuse(error: ServiceError): never {
  throw error;
}
