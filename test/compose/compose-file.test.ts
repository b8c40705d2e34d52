import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { execa } from 'execa';
import { readGatewaySettings } from '../../src/config/gateway-settings.js';
import type { Environment } from '../../src/config/read-environment.js';
import { readSettings } from '../../src/config/settings.js';
import { readWorkerHealthPort } from '../../src/config/worker-health.js';
import { searchAttributes } from '../../src/contracts/names.js';
import {
  composeFile,
  documentOf,
  gpuFile,
  interpolated,
  readCompose,
  readText,
  root,
  variablesOf,
  type ComposeDocument,
  type Service,
} from './support/compose-files.js';

const own = {
  worker: (given: { environment: Environment }) => [readSettings(given), readWorkerHealthPort(given)],
  gateway: readGatewaySettings,
};
/** What AWS's SDK reads by itself, for the store. */
const ofTheSdk = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
const secrets = ['POSTGRES_PASSWORD', 'STORE_SECRET_KEY', 'QDRANT_API_KEY', 'GRAFANA_PASSWORD'];

describe('docker-compose.yml', () => {
  let text: string;
  let compose: ComposeDocument;
  let services: [string, Service][];
  const runsOnce = ({ restart }: Service): boolean => restart?.startsWith('on-failure') ?? false;

  before(async () => {
    text = await readText(composeFile);
    compose = await readCompose(composeFile);
    services = Object.entries(compose.services);
    expect(services).to.have.length.above(10);
  });

  it('conforms to the Compose Specification, with the file for GPUs too', async () => {
    const schema = JSON.parse(await readText('test/fixtures/compose/compose-spec.json')) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
    for (const file of [composeFile, gpuFile]) {
      validate(documentOf(interpolated({ text: await readText(file) })));
      expect(validate.errors, file).to.equal(null);
    }
    expect(validate({ services: { one: { imagee: 'x' } } })).to.equal(false);
  });

  it('is resolved by docker compose, and refused without a password', async function () {
    this.timeout(60_000);
    const version = await execa('docker', ['compose', 'version'], { reject: false });
    if (version.exitCode !== 0) {
      process.stderr.write('NO DOCKER COMPOSE HERE: docker-compose.yml is held against the schema alone\n');
      return this.skip();
    }
    const config = (environment: Record<string, string>) =>
      execa('docker', ['compose', '-f', composeFile, '-f', gpuFile, 'config', '--quiet'], {
        ...{ cwd: root, reject: false, env: environment },
      });
    const found = await config(Object.fromEntries(secrets.map((name) => [name, 'given'])));
    expect(found.exitCode, found.stderr).to.equal(0);
    expect((await config({})).exitCode).not.to.equal(0);
  });

  it('has no password of its own, and an example that names every variable and holds no secret', async () => {
    const example = (await readText('infra/compose/env.example')).split('\n').flatMap((line) => {
      const [, name, value] = /^([A-Z]\w*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, value: value! }];
    });
    const variables = variablesOf(text);
    expect(variables.filter(({ fallback }) => fallback === null).map(({ name }) => name)).to.have.members(secrets);
    expect(example.map(({ name }) => name)).to.have.members(variables.map(({ name }) => name));
    for (const { name, value } of example)
      expect(value, name).to.equal(name.endsWith('_PORT') ? variables.find((one) => one.name === name)!.fallback : '');
    const written = Object.values(compose.services).flatMap(({ environment }) => Object.entries(environment ?? {}));
    for (const [name, value] of written)
      if (/PASSWORD|PWD|SECRET|_KEY$/.test(name) && name !== 'AWS_ACCESS_KEY_ID' && name !== 'ROOT_ACCESS_KEY')
        expect(value, name).to.be.oneOf([null, 'given-for-the-test']);
  });

  it('publishes nothing beyond loopback', () => {
    const ports = services.flatMap(([, { ports: published }]) => published ?? []);
    expect(ports).to.have.length.above(6);
    for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:\d+:\d+$/);
    expect(text).not.to.match(/network_mode|privileged: true/);
  });

  it('pins every image by version or digest', () => {
    for (const [name, { image, build }] of services)
      if (build == null && image !== 'understudy-worker')
        expect(image, name).to.match(/(?::v?\d+\.\d+(?:\.\d+)?[\w.-]*|@sha256:[0-9a-f]{64})$/);
  });

  const showsHealth = async ({ healthcheck, build }: Service): Promise<boolean> =>
    healthcheck !== undefined || (build != null && /^HEALTHCHECK --/m.test(await readText(build.dockerfile)));

  it('looks after the health of every service that stays, and keeps state in named volumes', async () => {
    for (const [name, service] of services.filter(([, one]) => !runsOnce(one))) {
      expect(await showsHealth(service), `${name} has a health check`).to.equal(true);
      expect(service.restart, name).to.equal('unless-stopped');
    }
    const sources = services.flatMap(([, { volumes }]) => (volumes ?? []).map((volume) => volume.split(':')[0]!));
    const named = new Set(sources.filter((source) => !source.startsWith('.')));
    expect([...named]).to.have.members(Object.keys(compose.volumes!));
    for (const source of sources.filter((one) => one.startsWith('.'))) await access(join(root, source));
  });

  it('waits only for services that are there, and for what they can become', async () => {
    for (const [name, { depends_on: needed = {} }] of services)
      for (const [other, { condition }] of Object.entries(needed)) {
        const service = compose.services[other]!;
        expect(service, `${name} waits for ${other}`).not.to.equal(undefined);
        if (condition === 'service_healthy')
          expect(await showsHealth(service), `${other} says how it is`).to.equal(true);
        else expect(runsOnce(service), `${other} ends`).to.equal(true);
      }
  });

  it('gives the worker everything that it can not do without', async () => {
    const dockerfile = await readText('infra/images/understudy/Dockerfile');
    const ofImage = [...dockerfile.matchAll(/^ENV (.+)$/gm)].flatMap(([, pairs]) =>
      pairs!.split(' ').map((pair) => pair.split('=') as [string, string]),
    );
    const environment = { ...Object.fromEntries(ofImage), ...compose.services.worker!.environment };
    const { temporal, mlflow, endpoint, tools, baseModels, judge, embedder } = readSettings({ environment });
    expect(temporal.address).to.equal('temporal:7233');
    expect(mlflow.trackingUri).to.equal('http://mlflow:5000');
    expect(endpoint.baseUrl).to.equal('http://vllm:8000/v1');
    expect(tools.python).to.be.a('string');
    expect(Object.keys(baseModels)).to.have.length(1);
    expect(judge, 'an empty address is none').to.equal(null);
    expect(embedder).to.deep.equal({ kind: 'minilm', folder: '/opt/embedding' });
  });

  it('sets only what our settings know, with values they take', () => {
    for (const [name, read] of Object.entries(own)) {
      const written = Object.entries(compose.services[name]!.environment!);
      // What is left empty in the example is given here, so that each variable has something to say.
      const environment = Object.fromEntries(
        written.map(([key, value]) => [
          key,
          value ?? (key.endsWith('_URL') ? 'http://given/v1' : 'given-for-the-test'),
        ]),
      );
      const whole = JSON.stringify(read({ environment }));
      const ours = Object.keys(environment).filter((key) => !ofTheSdk.includes(key));
      const unheard = ours.filter((key) => {
        const { [key]: _, ...others } = environment;
        return JSON.stringify(read({ environment: others })) === whole;
      });
      expect(unheard, name).to.deep.equal([]);
    }
    const { worker, gateway } = compose.services;
    for (const key of ['UNDERSTUDY_STORE', 'QDRANT_URL', ...ofTheSdk])
      expect(worker!.environment![key]).to.equal(gateway!.environment![key]);
  });

  it('runs only what is there', async () => {
    const dockerfile = await readText('infra/images/understudy/Dockerfile');
    const programs = [...dockerfile.matchAll(/^CMD \["node", "dist\/([\w/-]+)\.js"\]/gm)].map(
      ([, program]) => program!,
    );
    expect(programs).to.have.length(2);
    for (const program of programs) await access(join(root, 'src', `${program}.ts`));
    const [prepare] = compose.services['base-model']!.command!.slice(-1);
    const [, script, options] = /(training\/\w+\.py)((?: --?[\w-]+ \S+)+)/.exec(prepare!)!;
    const code = await readText(script!);
    for (const [, option] of options!.matchAll(/(--[\w-]+)/g)) expect(code).to.contain(`"${option}"`);
    const scripts = services.flatMap(([, { entrypoint }]) => (entrypoint?.[1]?.endsWith('.sh') ? [entrypoint[1]] : []));
    expect(scripts).to.have.length(2);
    for (const one of scripts) await access(join(root, one.replace('/understudy/', 'infra/compose/temporal/')));
    const targets = services.flatMap(([, { build }]) => (build?.target ? [build.target] : []));
    for (const target of targets) expect(dockerfile).to.match(new RegExp(`^FROM \\S+ AS ${target}$`, 'm'));
  });

  it('registers the search attributes that the workflows set', async () => {
    const script = await readText('infra/compose/temporal/namespace.sh');
    const registered = [...script.matchAll(/--name (\w+) --type Keyword/g)].map(([, name]) => name);
    expect(registered).to.have.members(Object.values(searchAttributes).map(({ name }) => name));
  });

  it('lays over with a GPU only what is there', async () => {
    const gpu = await readCompose(gpuFile);
    expect(compose.services).to.include.keys(Object.keys(gpu.services));
    const served = (service: Service) =>
      service.command!.filter((one) => /^--(model|served|enable-lora)|Instruct/.test(one));
    expect(served(gpu.services.vllm!)).to.deep.equal(served(compose.services.vllm!));
  });
});
