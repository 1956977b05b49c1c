"""What Redis does to a session in one step, in Lua: other clients see all of a script or nothing of it.

A session is a stream (`KEYS[2]`) with one entry for each event, whose id is `<offset>-0`, and a hash (`KEYS[1]`) with
its epoch, its head, the first offset that is not trimmed, and the snapshot. ARGV[1] is the epoch of a session that has
no hash. A script that finds another state than its caller believes in answers with that state: {epoch, head}.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Final


class Script:
    """A script and the name Redis keeps it by."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self.sha: Final = sha1(text.encode(), usedforsecurity=False).hexdigest()


_STATE = """
local known = redis.call('HMGET', KEYS[1], 'epoch', 'head', 'first')
local epoch = known[1] or ARGV[1]
local head, first = tonumber(known[2] or 0), tonumber(known[3] or 1)
local function id(offset) return string.format('%d-0', offset) end
"""

# ARGV: epoch, offset of the first event, channel, what to publish before the bodies ('' to publish nothing), bodies
APPEND = Script(
    _STATE
    + """
if epoch ~= ARGV[2] or head + 1 ~= tonumber(ARGV[3]) then return {epoch, head} end
for n = 6, #ARGV do
  head = head + 1
  redis.call('XADD', KEYS[2], id(head), 'e', ARGV[n])
end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'head', head)
redis.call('PUBLISH', ARGV[4], ARGV[5] == '' and '' or ARGV[5] .. table.concat(ARGV, '', 6))
return false
"""
)

# ARGV: the offset to read after (-1: all, with the snapshot), how many events at most
READ = Script(
    _STATE
    + """
local after = tonumber(ARGV[2])
local found = {epoch, first, head, after < 0 and redis.call('HGET', KEYS[1], 'snapshot') or ''}
for _, entry in ipairs(redis.call('XRANGE', KEYS[2], id(math.max(after + 1, first)), '+', 'COUNT', ARGV[3])) do
  found[#found + 1] = entry[2][2]
end
return found
"""
)

# ARGV: epoch, the last offset to forget, snapshot
TRIM = Script(
    _STATE
    + """
local upto = tonumber(ARGV[3])
if epoch ~= ARGV[2] or upto > head then return {epoch, head} end
if upto >= first then
  redis.call('XTRIM', KEYS[2], 'MINID', '=', id(upto + 1))
  redis.call('HSET', KEYS[1], 'first', upto + 1, 'snapshot', ARGV[4])
end
return false
"""
)

# ARGV: epoch, the epoch after it, channel
DELETE = Script(
    _STATE
    + """
if epoch ~= ARGV[2] then return {epoch, head} end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'epoch', ARGV[3])
redis.call('PUBLISH', ARGV[4], '')
return false
"""
)

SCRIPTS: Final = (APPEND, READ, TRIM, DELETE)
