import type { FirestoreDocument } from '../../src/index.js'

export interface StoredDocument {
  readonly path: string
  readonly data: Record<string, unknown>
  /** Microseconds. */
  readonly updateTime: number
}

export interface QueryShape {
  readonly collection: string
  /** Fields that must be there and null. */
  readonly filters: readonly string[]
  readonly order?: { readonly field: string; readonly direction: 'asc' | 'desc' }
  readonly after?: FirestoreDocument
  readonly from?: unknown
  readonly limit: number
}

/** What an index sees of a query. */
export function shapeName({ collection, filters, order }: QueryShape): string {
  const ordered = order === undefined ? 'by name' : `by ${order.field} ${order.direction}`
  return `${collection} where ${filters.map((field) => `${field} == null`).join(' and ')} ${ordered}`
}

/** Firestore's order of types. */
function rank(value: unknown): number {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  if (typeof value === 'number') return 2
  if (value instanceof Date) return 3
  return typeof value === 'string' ? 4 : 5
}

function compareValues(a: unknown, b: unknown): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  const [x, y] = [a, b].map((value) => (value instanceof Date ? value.getTime() : value)) as [number, number]
  return x < y ? -1 : x > y ? 1 : 0
}

const nameOf = (path: string) => path.split('/').at(-1) ?? ''
const fieldOf = (data: Record<string, unknown>, field: string) =>
  field.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], data)

/** The documents of a query, in its order. Those without a field that is filtered or ordered by are in no index of it. */
export function matching(stored: ReadonlyMap<string, StoredDocument>, shape: QueryShape): StoredDocument[] {
  const { collection, filters, order, after, from, limit } = shape
  const sign = order?.direction === 'desc' ? -1 : 1
  const keyOf = ({ path, data }: StoredDocument) => ({
    value: order === undefined ? undefined : fieldOf(data, order.field),
    name: nameOf(path),
  })
  type Key = ReturnType<typeof keyOf>
  const compare = (a: Key, b: Key) =>
    sign * ((order === undefined ? 0 : compareValues(a.value, b.value)) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const afterKey: Key | undefined = after && { value: order && after.get(order.field), name: after.id }
  return [...stored.values()]
    .filter(({ path }) => path.slice(0, path.lastIndexOf('/')) === collection)
    .filter(({ data }) => filters.every((field) => fieldOf(data, field) === null))
    .map((document) => ({ document, key: keyOf(document) }))
    .filter(({ key }) => order === undefined || key.value !== undefined)
    .filter(({ key }) => afterKey === undefined || compare(key, afterKey) > 0)
    .filter(({ key }) => from === undefined || sign * compareValues(key.value, from) >= 0)
    .sort((a, b) => compare(a.key, b.key))
    .slice(0, limit)
    .map(({ document }) => document)
}
