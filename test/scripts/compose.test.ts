import { expect } from 'chai';
import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { readSettings } from '../../src/config/settings.js';
import { rubricFolder } from '../../src/adapters/rubric-files/rubric-files.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string; target?: string };
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  healthcheck?: object;
  restart?: string;
  depends_on?: Record<string, { condition: string }>;
}

/** The file as compose reads it, with every variable replaced by its default. */
async function readCompose(): Promise<{ services: Record<string, Service>; volumes: Record<string, null> }> {
  const text = await readFile(`${root}docker-compose.yml`, 'utf8');
  const filled = text
    .replaceAll('$$', '\0')
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
    .replaceAll(/\$\{\w+:\?[^}]*\}/g, 'given')
    .replaceAll('\0', '$');
  return parse(filled, { merge: true }) as Awaited<ReturnType<typeof readCompose>>;
}

/** `ENV` of every stage of our image together. */
async function imageEnvironment(): Promise<Record<string, string>> {
  const text = await readFile(`${root}infra/images/understudy/Dockerfile`, 'utf8');
  const lines = text.split('\n').filter((line) => line.startsWith('ENV '));
  return Object.fromEntries(
    lines.flatMap((line) =>
      line
        .slice(4)
        .split(' ')
        .map((pair) => pair.split('=') as [string, string]),
    ),
  );
}

describe('docker-compose.yml', () => {
  it('waits only for services that are there, and for what they can become', async () => {
    const { services } = await readCompose();
    for (const [name, { depends_on: needed = {} }] of Object.entries(services))
      for (const [other, { condition }] of Object.entries(needed)) {
        const service = services[other]!;
        expect(service, `${name} waits for ${other}`).to.not.equal(undefined);
        if (condition === 'service_healthy') expect(service.healthcheck, `${other} says how it is`).to.be.an('object');
        else expect(service.restart, `${other} ends`).to.match(/^on-failure/);
      }
  });

  it('names volumes, files and build stages that exist', async () => {
    const { services, volumes } = await readCompose();
    for (const { volumes: mounts = [], build } of Object.values(services)) {
      for (const [from] of mounts.map((mount) => mount.split(':') as [string]))
        if (from.startsWith('.')) await access(`${root}${from}`);
        else expect(volumes).to.have.property(from);
      if (build === undefined) continue;
      const dockerfile = await readFile(`${root}${build.dockerfile}`, 'utf8');
      if (build.target !== undefined) expect(dockerfile).to.match(new RegExp(`^FROM \\S+ AS ${build.target}$`, 'm'));
    }
  });

  it('publishes nothing beyond this machine', async () => {
    const { services } = await readCompose();
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).to.have.length.above(3);
    for (const port of ports) expect(port).to.match(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('gives the worker everything that it can not do without', async () => {
    const { services } = await readCompose();
    const environment = { ...(await imageEnvironment()), ...services['worker']!.environment };
    const { temporal, mlflow, endpoint, tools, baseModels, judge } = readSettings({ environment });
    expect(temporal.address).to.equal('temporal:7233');
    expect(mlflow.trackingUri).to.equal('http://mlflow:5000');
    expect(endpoint.baseUrl).to.equal('http://vllm:8000/v1');
    expect(tools.python).to.be.a('string');
    expect(Object.keys(baseModels)).to.have.length(1);
    expect(judge, 'an empty address is none').to.equal(null);
  });

  it("lets no file of an image be left out by its context's list", async () => {
    for (const image of ['understudy', 'mlflow']) {
      const dockerfile = await readFile(`${root}infra/images/${image}/Dockerfile`, 'utf8');
      const ignored = await readFile(`${root}infra/images/${image}/Dockerfile.dockerignore`, 'utf8');
      const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
        sources!.split(' '),
      );
      expect(copied).to.not.equal([]);
      for (const source of copied) {
        await access(`${root}${source}`);
        expect(
          [`!${source}`, `!${source.split('/')[0]}`].some((line) => ignored.split('\n').includes(line)),
          source,
        ).to.equal(true);
      }
      if (image === 'understudy') expect(copied, 'what judges are asked by').to.include(rubricFolder.split('/').at(-1));
    }
  });
});
