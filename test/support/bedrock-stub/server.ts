import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { BedrockClients } from '../../../src/adapters/bedrock/clients.js';
import { answerOf, type ConverseRequest, framesOf, type Script, wholeReply } from './converse.js';
import { Imports } from './imports.js';
import { KnowledgeBasesOfStub } from './knowledge-base.js';
import { ServiceError } from './service-error.js';
import { embed, titanModel } from './titan.js';

/** Models that the stub answers for, beside those that were imported. */
const foundationModels = new Set(['anthropic.claude-3-haiku-20240307-v1:0', 'eu.amazon.nova-lite-v1:0']);

/**
 * The parts of Amazon Bedrock that the product uses, over AWS's REST and JSON protocol on loopback. README.md lists what
 * it does as AWS does, with the sources, and what it leaves out.
 */
export class BedrockStub {
  readonly imports = new Imports();
  readonly knowledgeBases = new KnowledgeBasesOfStub();
  /** Every request in its order. */
  readonly seen: { method: string; path: string; body: unknown }[] = [];
  /** What the next answers are. */
  script: Script = {};
  /** Errors that the next requests are refused with, in their order. */
  failures: ServiceError[] = [];
  /** Requests that are never answered. */
  hangs = false;
  /** So many calls of an imported model find it not loaded yet. */
  coldCalls = 0;
  #address = '';
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this.#address;
  }

  /** Clients of the stub in the place of AWS's. */
  readonly clients = (region: string): BedrockClients => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const options = {
      region,
      endpoint: this.#address,
      credentials,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
    };
    return {
      control: new BedrockClient(options),
      runtime: new BedrockRuntimeClient(options),
      agent: new BedrockAgentRuntimeClient(options),
    };
  };

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = new URL(request.url ?? '/', 'http://stub');
      const path = decodeURIComponent(url.pathname);
      const sent = await text(request);
      const body: unknown = sent === '' ? {} : JSON.parse(sent);
      this.seen.push({ method: request.method ?? '', path, body });
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256'))
        throw new ServiceError(403, 'AccessDeniedException', 'Missing Authentication Token');
      if (this.hangs) return;
      const failure = this.failures.shift();
      if (failure) throw failure;
      this.#route({ method: request.method ?? '', path, query: url.searchParams, body, response });
    } catch (error) {
      const { name, message } = error as Error;
      const status = error instanceof ServiceError ? error.status : 500;
      const retry = status === 429 ? { 'retry-after': '2' } : {};
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name, ...retry });
      response.end(JSON.stringify({ message }));
    }
  }

  #route(input: {
    method: string;
    path: string;
    query: URLSearchParams;
    body: unknown;
    response: ServerResponse;
  }): void {
    const { method, path, query, body, response } = input;
    const model = /^\/model\/(.+)\/(converse|converse-stream|invoke)$/.exec(path);
    if (model) return this.#ask({ modelId: model[1]!, action: model[2]!, body, response });
    const base = /^\/knowledgebases\/([^/]+)\/retrieve$/.exec(path);
    if (base)
      return send(response, this.knowledgeBases.retrieve({ id: base[1]!, request: body as Record<string, unknown> }));
    send(response, this.#control({ method, path, query, body }));
  }

  #control({
    method,
    path,
    query,
    body,
  }: {
    method: string;
    path: string;
    query: URLSearchParams;
    body: unknown;
  }): unknown {
    const { imports } = this;
    const [, kind, ...rest] = path.split('/');
    const identifier = rest.join('/');
    if (kind === 'listTagsForResource') return imports.tags((body as { resourceARN: string }).resourceARN);
    if (kind === 'model-import-jobs' && method === 'POST')
      return imports.create(body as Parameters<Imports['create']>[0]);
    if (kind === 'model-import-jobs' && identifier === '') return imports.list(Object.fromEntries(query));
    if (kind === 'model-import-jobs') return imports.get(identifier);
    if (kind === 'imported-models' && identifier === '') return imports.listModels();
    if (kind === 'imported-models' && method === 'DELETE') return imports.remove(identifier);
    if (kind === 'imported-models') return imports.model(identifier);
    throw new ServiceError(404, 'UnknownOperationException', `${method} ${path}`);
  }

  #ask({
    modelId,
    action,
    body,
    response,
  }: {
    modelId: string;
    action: string;
    body: unknown;
    response: ServerResponse;
  }): void {
    if (modelId === titanModel && action === 'invoke')
      return send(response, embed(body as Parameters<typeof embed>[0]));
    const imported = this.imports.has(modelId);
    if (!imported && !foundationModels.has(modelId))
      throw modelId.includes(':imported-model/')
        ? new ServiceError(404, 'ResourceNotFoundException', 'Could not find the imported model.')
        : new ServiceError(400, 'ValidationException', 'The provided model identifier is invalid.');
    if (imported && this.coldCalls > 0) {
      this.coldCalls -= 1;
      throw new ServiceError(
        429,
        'ModelNotReadyException',
        'Model is not ready for inference. Wait and try your request again.',
      );
    }
    const { script } = this;
    const answer = answerOf({ request: body as ConverseRequest, script });
    if (action === 'converse') return send(response, wholeReply(answer));
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    const frames = framesOf({ answer, script });
    for (const frame of frames) {
      if (frame !== null) response.write(frame);
      else return void setTimeout(() => response.destroy(), 20);
    }
    response.end();
  }
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
