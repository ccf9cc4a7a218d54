import type { FirestoreSnapshot } from './firestore-client.js'

export interface SubscriptionOptions {
  /** Opens a listener of the SDK. Resolves to the way to end it; undefined when `isWanted` says no by then. */
  open(
    isWanted: () => boolean,
    onSnapshot: (snapshot: FirestoreSnapshot) => void,
    onError: (error: unknown) => void,
  ): Promise<(() => void) | undefined>
  /** How long the first answer may take. Without one nothing would ever show that the listener is deaf. */
  readonly timeoutMs: number
  onSnapshot(snapshot: FirestoreSnapshot, isFirst: boolean): void
  onError(error: unknown): void
  onUnanswered(): void
}

export interface Subscription {
  attach(): void
  /** Ends the listener. Nothing is heard of it any more, whatever it still has to say. */
  detach(): void
}

/** A listener of the SDK that is opened and ended again and again. */
export function createSubscription({ open, timeoutMs, onSnapshot, onError, onUnanswered }: SubscriptionOptions): Subscription {
  let unsubscribe = () => {}
  let answerDue: NodeJS.Timeout | undefined
  /** Of the listener that is open. */
  let turn = 0

  function detach(): void {
    turn += 1
    clearTimeout(answerDue)
    unsubscribe()
    unsubscribe = () => {}
  }

  return {
    detach,
    attach() {
      const mine = ++turn
      const isWanted = () => mine === turn
      const fail = (error: unknown) => {
        if (isWanted()) onError(error)
      }
      let isFirst = true
      function hear(snapshot: FirestoreSnapshot): void {
        if (!isWanted()) return
        clearTimeout(answerDue)
        onSnapshot(snapshot, isFirst)
        isFirst = false
      }
      answerDue = setTimeout(onUnanswered, timeoutMs).unref()
      open(isWanted, hear, fail).then((end) => {
        if (isWanted()) unsubscribe = end ?? unsubscribe
        else end?.()
      }, fail)
    },
  }
}
