import Linux
print("drover")
