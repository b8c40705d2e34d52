import { expect } from 'chai';
import { publicRoutes } from '../../infra/public-routes.js';
import { openGatewayWorld } from '../gateway/support/gateway-world.js';

type Paths = Record<string, Record<string, { tags?: string[] }>>;

describe('what API Gateway hands on', () => {
  it('is every path of the gateway that callers ask, and none of those for who runs it but health', async () => {
    const world = await openGatewayWorld();
    try {
      const app = await world.gateway();
      const { paths } = (await app.inject('/openapi.json')).json<{ paths: Paths }>();
      const forRunners = (path: string): boolean =>
        Object.values(paths[path]!).some(({ tags }) => tags?.includes('operation'));
      const asked = Object.keys(paths).filter((path) => !forRunners(path));
      expect(publicRoutes).to.have.members([...asked, '/healthz', '/openapi.json']);
      expect(Object.keys(paths).filter(forRunners)).to.have.members(['/healthz', '/readyz', '/metrics']);
    } finally {
      await world.close();
    }
  });
});
