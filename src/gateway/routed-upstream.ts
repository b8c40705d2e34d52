import { isBedrock } from '../adapters/bedrock/bedrock-endpoint.js';
import type { Completion } from './completion.js';
import { type ReleaseUpstream, Upstream, type UpstreamCall } from './upstream.js';

/** Asks each release where its target says: an OpenAI-compatible endpoint, or Bedrock. */
export class RoutedUpstream implements ReleaseUpstream {
  private readonly endpoints: Upstream;
  private bedrock: Promise<Omit<ReleaseUpstream, 'close'>> | null = null;

  constructor(...endpoints: ConstructorParameters<typeof Upstream>) {
    this.endpoints = new Upstream(...endpoints);
  }

  async complete(call: UpstreamCall): Promise<Completion> {
    return isBedrock(call.target.endpoint)
      ? await (await this.openBedrock()).complete(call)
      : await this.endpoints.complete(call);
  }

  async stream(call: UpstreamCall): Promise<AsyncGenerator<Buffer>> {
    return isBedrock(call.target.endpoint)
      ? await (await this.openBedrock()).stream(call)
      : await this.endpoints.stream(call);
  }

  close(): Promise<void> {
    return this.endpoints.close();
  }

  /** Loaded by the first release that is served there: AWS's client takes longer to load than the rest of a gateway. */
  private openBedrock(): Promise<Omit<ReleaseUpstream, 'close'>> {
    this.bedrock ??= import('./bedrock-upstream.js').then(({ BedrockUpstream }) => new BedrockUpstream());
    return this.bedrock;
  }
}
