"""A phone's credential expires in the middle of an answer; its app gets another one."""

from audit.checks import CREDENTIAL_EXPIRY
from audit.contract import RESILIENT_DELIVERY
from audit.scenario import Scenario
from audit.stage import Stage

TTL_S = 2.0


async def script(stage: Stage) -> None:
    """Follow an answer that outlives the credential, come back with the old one, then with a fresh one."""
    (laptop,) = await stage.devices("laptop")
    phone = await stage.device("phone", ttl_s=TTL_S)
    if phone.adapter.traits.subscribes:
        await phone.join(timeout=stage.waits.resume_s)
    run = stage.counting(300)
    await stage.prompt(phone, run)
    await stage.watch(laptop, run)
    await stage.expired(phone, run, TTL_S)
    await stage.resume(phone)
    await stage.renew(phone)
    await stage.resume(phone)
    await stage.settle()


SCENARIO = Scenario(
    id="credential-expiry",
    title="The credential expires",
    why="Tokens live for minutes and answers for as long; a 401 in the middle often looks like the end of the answer.",
    capability=RESILIENT_DELIVERY,
    script=script,
    checks=(CREDENTIAL_EXPIRY,),
    seconds=6.0,
    needs=("renewal",),
)
