import { expect } from 'chai';
import { type Permission, gatewayPrefixes, permissions } from '../../infra/permissions/index.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { reachableFrom, sourceFile } from './support/reachable-sources.js';
import { actionsOf, callsIn } from './support/aws-calls.js';

const arns = {
  store: 'arn:aws:s3:::store',
  models: 'arn:aws:s3:::models',
  key: 'arn:aws:kms:eu-central-1:123456789012:key/k',
  summaries: 'arn:aws:dynamodb:eu-central-1:123456789012:table/summaries',
  trainingRole: 'arn:aws:iam::123456789012:role/training',
  importRole: 'arn:aws:iam::123456789012:role/import',
  serving: {
    role: 'arn:aws:iam::123456789012:role/serving',
    image: 'arn:aws:ecr:eu-central-1:763104351884:repository/vllm',
    scalingRole: 'arn:aws:iam::123456789012:role/aws-service-role/scaling',
  },
  trainingImage: 'arn:aws:ecr:eu-central-1:123456789012:repository/training',
  topic: 'arn:aws:sns:eu-central-1:123456789012:notifications',
  sageMaker: 'arn:aws:sagemaker:eu-central-1:123456789012',
  logs: 'arn:aws:logs:eu-central-1:123456789012',
  ec2: 'arn:aws:ec2:eu-central-1:123456789012',
  cloudWatch: 'arn:aws:cloudwatch:eu-central-1:123456789012',
  bedrock: 'arn:aws:bedrock:eu-central-1:123456789012',
  embeddingModel: 'arn:aws:bedrock:eu-central-1::foundation-model/titan',
  clusterName: 'understudy',
  dataBuckets: ['arn:aws:s3:::data'],
};

const actionsIn = (list: readonly Permission[]): string[] =>
  [...new Set(list.flatMap(({ actions }) => actions))].sort();

/**
 * What no call names and AWS asks for all the same: keys of KMS in the caller's name, tags and the role of a job, the
 * rest of an upload in parts.
 */
const implied = [
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'sagemaker:AddTags',
  'bedrock:TagResource',
  'iam:PassRole',
  // AWS's own role for scaling, made in the caller's name with the first target that is scaled.
  'iam:CreateServiceLinkedRole',
  's3:AbortMultipartUpload',
];

/** Calls that lie in files that a process loads, which it never makes. */
const neverMade = {
  gateway: {
    'dynamodb:PutItem': 'gateways read summaries; batches write them',
    'dynamodb:DeleteItem': 'gateways read summaries; batches write them',
  },
  worker: {},
  bridge: {},
} satisfies Record<string, Record<string, string>>;

describe('what processes may do on AWS', function () {
  this.timeout(60_000);
  const processes = {
    gateway: 'src/gateway/server.ts',
    worker: 'src/workers/main.ts',
    bridge: 'src/sagemaker-bridge/server.ts',
  } as const;

  for (const [process, entry] of Object.entries(processes) as [keyof typeof processes, string][]) {
    it(`is what the code of the ${process} calls, and nothing else`, async () => {
      const allowed = actionsIn(permissions[process](arns)).filter((action) => !implied.includes(action));
      const called = new Map<string, string>();
      for (const file of await reachableFrom(entry))
        for (const call of callsIn(await sourceFile(file)))
          for (const action of actionsOf(call, file)) if (!called.has(action)) called.set(action, file);
      const made = [...called.keys()].filter((action) => !(action in neverMade[process]));
      const missing = made.filter((action) => !allowed.includes(action));
      expect(
        missing.map((action) => `${called.get(action)} calls ${action}: allow it in infra/permissions`),
      ).to.deep.equal([]);
      // The gateway stores no file in parts, and asks for no old version.
      expect(allowed.filter((action) => !made.includes(action) && action !== 's3:GetObjectVersion')).to.deep.equal([]);
    });
  }

  it('has a reason for every asterisk, an id of its own for each statement, and no action of all', () => {
    for (const list of Object.values(permissions).map((of) => of(arns))) {
      for (const { id, actions, resources, because } of list) {
        expect(id).to.match(/^[A-Za-z0-9]+$/);
        expect(
          actions.filter((action) => action.includes('*')),
          id,
        ).to.deep.equal([]);
        if (resources.some((resource) => resource.includes('*'))) expect(because, id).to.be.a('string');
      }
      expect(new Set(list.map(({ id }) => id)).size).to.equal(list.length);
    }
  });

  it('lets nobody host, scale or ask endpoints where pods serve', () => {
    const onPods = { ...arns, serving: null };
    const all = Object.values(permissions).flatMap((of) => actionsIn(of(onPods)));
    expect(all.filter((action) => /Endpoint|Transform|autoscaling|ServiceLinked|Alarm/.test(action))).to.deep.equal([]);
  });

  it('passes each role to its own service alone', () => {
    const passed = permissions.worker(arns).filter(({ actions }) => actions.includes('iam:PassRole'));
    const to = passed.map(({ resources, conditions }) => [
      resources.join(),
      conditions!.StringEquals!['iam:PassedToService'],
    ]);
    expect(Object.fromEntries(to)).to.deep.equal({
      [arns.trainingRole]: 'sagemaker.amazonaws.com',
      [arns.importRole]: 'bedrock.amazonaws.com',
      [arns.serving.role]: 'sagemaker.amazonaws.com',
    });
  });

  it('lets endpoints read weights and questions that wait, and nothing that people wrote', () => {
    const read = permissions.serving(arns).filter(({ actions }) => actions.includes('s3:GetObject'));
    expect(read.flatMap(({ resources }) => resources)).to.deep.equal([
      'arn:aws:s3:::models/*',
      'arn:aws:s3:::store/releases/*/adapter/*',
      'arn:aws:s3:::store/archives/*',
      'arn:aws:s3:::store/offline/*/questions/*',
    ]);
  });

  it('lets the gateway read only what its code names in the store', async () => {
    const named = new Set<string>();
    for (const file of (await reachableFrom(processes.gateway)).filter((one) => one.startsWith('src/gateway/'))) {
      const text = (await sourceFile(file)).getFullText();
      for (const [, name] of text.matchAll(/storeKeys\.(\w+)\(/g)) named.add(prefixOf(name!));
      for (const [, prefix] of text.matchAll(/(?:key|prefix): [`'](\w[\w-]*)\//g)) named.add(prefix!);
    }
    expect([...gatewayPrefixes.read]).to.include.members([...named]);
    for (const prefix of [...gatewayPrefixes.write, ...gatewayPrefixes.remove])
      expect([...gatewayPrefixes.read]).to.include(prefix);
  });
});

/** The first part of a key; the arguments don't matter for it. */
function prefixOf(name: string): string {
  const make = storeKeys[name as keyof typeof storeKeys] as (input: unknown) => string;
  const anything = new Proxy({}, { get: () => 'x' });
  return make(anything).split('/')[0]!;
}
