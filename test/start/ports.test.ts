import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { choosePorts } from '../../src/client/start/ports.js';
import { makeScratch } from './support/scratch.js';

const occupy = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

describe('ports', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  it('stay the same from run to run, and step aside when taken', async () => {
    const first = await choosePorts({ home: scratch.folder });
    expect(first.moved).to.deep.equal([]);
    expect(new Set(Object.values(first.ports)).size).to.equal(6);
    const server = await occupy(first.ports.mlflow);
    try {
      const second = await choosePorts({ home: scratch.folder });
      expect(second.moved).to.deep.equal(['mlflow']);
      expect(second.ports.mlflow).to.not.equal(first.ports.mlflow);
      expect({ ...second.ports, mlflow: first.ports.mlflow }).to.deep.equal(first.ports);
      expect(JSON.parse(await readFile(join(scratch.folder, 'ports.json'), 'utf8'))).to.deep.equal(second.ports);
    } finally {
      server.close();
    }
  });

  it('are chosen anew when the file that remembers them is broken', async () => {
    await writeFile(join(scratch.folder, 'ports.json'), '{"mlflow": "many"');
    const { ports, moved } = await choosePorts({ home: scratch.folder });
    expect(moved).to.deep.equal([]);
    expect(ports.temporal).to.be.a('number');
  });
});
