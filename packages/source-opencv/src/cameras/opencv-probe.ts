import { SnapmintError } from '@snapmint/core/adapter'
import { planDevice } from '../input/plan-device.js'
import { loadNative } from '../native/load-native.js'
import { backendCodes, toError } from '../native/native-module.js'
import { openCapture } from '../native/open-capture.js'
import type { ProbeMessage, ProbeRequest } from './probe-protocol.js'

/*
 * The forked child of listCameras(): opens each device, tells what it found and closes it. Its parent notes how far it came, should a driver end or hold it.
 */

const send = (message: ProbeMessage) => new Promise<void>((resolve) => process.send?.(message, () => resolve()))

process.once('message', (request: ProbeRequest) => void probe(request))
process.once('disconnect', () => process.exit(0))

async function probe({ devices }: ProbeRequest): Promise<void> {
  try {
    const native = loadNative()
    for (const device of devices) await send(await look(native, device))
    await send({ type: 'done' })
  } catch (thrown) {
    const code = SnapmintError.isInstance(thrown) ? thrown.code : 'SNAPMINT_SOURCE_FAILED'
    await send({ type: 'failed', code, message: toError(thrown).message })
  }
  process.exit(0)
}

async function look(native: ReturnType<typeof loadNative>, device: number | string): Promise<ProbeMessage> {
  const { target, backend } = planDevice({ device })
  let capture: ReturnType<typeof openCapture>
  try {
    capture = openCapture(native, target, backendCodes[backend].api)
  } catch {
    return { type: 'none' }
  }
  const { width, height, frameRate } = await capture.mode()
  await capture.close()
  return { type: 'found', width, height, frameRate }
}
