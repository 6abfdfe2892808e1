"""Testing with concept activation vectors (Kim et al. 2018): does a network use a concept for a class?"""
