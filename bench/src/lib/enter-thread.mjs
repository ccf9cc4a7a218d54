import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

// On Node 20 a worker does not inherit the hooks that let the main thread import TypeScript.
register()
await import(workerData.module)
