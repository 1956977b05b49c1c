"""The audit's own power: does it find the defects that were planted, and does it leave the innocent alone?"""
