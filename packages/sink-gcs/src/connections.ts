import http from 'node:http'
import https from 'node:https'

export interface Connections {
  /** For the SDK's HTTP client: the agent for a URL. */
  agent(url: { readonly protocol: string | null }): http.Agent
  /** Closes what is open, busy or not, and opens nothing any more. */
  close(): void
}

/**
 * Connections of one upload. A resumable upload of the SDK goes on with what it has in its buffers after its stream was destroyed, up to the last chunk; without its
 * connections it cannot.
 */
export function createConnections(): Connections {
  const agents = [new http.Agent({ keepAlive: true }), new https.Agent({ keepAlive: true })] as const
  const refuse = () => {
    throw new Error('The upload is over')
  }
  return {
    agent: ({ protocol }) => (protocol === 'http:' ? agents[0] : agents[1]),
    close() {
      for (const agent of agents) {
        Object.assign(agent, { createConnection: refuse })
        agent.destroy()
      }
    },
  }
}
